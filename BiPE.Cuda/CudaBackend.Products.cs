using BiPE.Core.Tensors;
using BiPE.Cuda.Launching;
using BiPE.Cuda.Memory;
using BiPE.Cuda.Products;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda;

public sealed partial class CudaBackend
{
    /// <inheritdoc/>
    public void MatMul(Tensor destination, Tensor a, Tensor b, MatMulOptions options = default)
    {
        int m = destination.Shape[0];
        int n = destination.Shape[1];
        int k = a.Shape[options.TransposeA ? 0 : 1];
        Multiply(destination, a, b, 1, m, n, k, options);
    }

    /// <summary>Does nothing: cuBLAS reads matrices as they lie.</summary>
    /// <param name="factor">The matrix.</param>
    public void FreezeFactor(Tensor factor)
    {
    }

    /// <inheritdoc/>
    public void BatchedMatMul(Tensor destination, Tensor a, Tensor b, MatMulOptions options = default)
    {
        int m = destination.Shape[1];
        int n = destination.Shape[2];
        int k = a.Shape[options.TransposeA ? 1 : 2];
        Multiply(destination, a, b, destination.Shape[0], m, n, k, options);
    }

    private static MatrixOperand Operand(Tensor tensor, int leading, long stride, bool isTransposed = false) =>
        new((CudaBuffer)tensor.Buffer, tensor.Type, tensor.Offset, leading, stride, isTransposed);

    private void Multiply(Tensor destination, Tensor a, Tensor b, int groups, int m, int n, int k, MatMulOptions options)
    {
        if (destination.Count == 0)
        {
            return;
        }

        if (k == 0)
        {
            if (options.Mode == WriteMode.Overwrite)
            {
                Fill(destination, 0);
            }

            return;
        }

        Multiply(new MatrixProduct(
            m, n, k, groups, Operand(destination, n, (long)m * n),
            Operand(a, options.TransposeA ? m : k, (long)m * k, options.TransposeA),
            Operand(b, options.TransposeB ? k : n, (long)k * n, options.TransposeB),
            (float)options.Alpha, options.Mode == WriteMode.Accumulate));
    }

    private void Multiply(in MatrixProduct product)
    {
        try
        {
            _multiplier.Multiply(product);
        }
        catch (CudaException e)
        {
            throw DeviceFault.Of(e);
        }
    }
}

using BiPE.Core.Tensors;
using BiPE.Cuda.Kernels;
using BiPE.Cuda.Launching;
using ILGPU;

namespace BiPE.Cuda.Products;

/// <summary>Matrix products by a kernel of this project: for the simulated device, and for element types that cuBLAS does not mix.</summary>
/// <param name="launcher">Starts the kernel.</param>
internal sealed class KernelMultiplier(KernelLauncher launcher) : IMatrixMultiplier
{
    public string Name => "own kernels";

    public void Multiply(in MatrixProduct product)
    {
        switch (product.Left.Type, product.Result.Type)
        {
            case (ElementType.Float32, ElementType.Float32):
                Launch<float, Float32Format, float, Float32Format>(product);
                break;
            case (ElementType.BFloat16, ElementType.BFloat16):
                Launch<ushort, BFloat16Format, ushort, BFloat16Format>(product);
                break;
            case (ElementType.BFloat16, ElementType.Float32):
                Launch<ushort, BFloat16Format, float, Float32Format>(product);
                break;
            default:
                Launch<float, Float32Format, ushort, BFloat16Format>(product);
                break;
        }
    }

    public void Dispose()
    {
    }

    private void Launch<TFrom, TFromFormat, TTo, TToFormat>(in MatrixProduct product)
        where TFrom : unmanaged
        where TFromFormat : struct, IFormat<TFrom>
        where TTo : unmanaged
        where TToFormat : struct, IFormat<TTo>
    {
        int edge = launcher.Plan.ProductEdge;
        int tile = edge * ProductKernels.Micro;
        int tileRows = (product.Rows + tile - 1) / tile;
        int tileColumns = (product.Columns + tile - 1) / tile;
        long tiles = (long)tileRows * tileColumns * product.Groups;
        launcher.Launch(ProductKernels.Multiply<TFrom, TFromFormat, TTo, TToFormat>, launcher.Plan.Groups(tiles), edge * edge, new ProductArguments<TFrom, TTo>
        {
            Result = View<TTo>(product.Result),
            Left = View<TFrom>(product.Left),
            Right = View<TFrom>(product.Right),
            Rows = product.Rows,
            Columns = product.Columns,
            Terms = product.Terms,
            TileRows = tileRows,
            TileColumns = tileColumns,
            Tiles = tiles,
            ResultLeading = product.Result.Leading,
            ResultStride = product.Result.Stride,
            LeftRow = product.Left.IsTransposed ? 1 : product.Left.Leading,
            LeftTerm = product.Left.IsTransposed ? product.Left.Leading : 1,
            LeftStride = product.Left.Stride,
            RightTerm = product.Right.IsTransposed ? 1 : product.Right.Leading,
            RightColumn = product.Right.IsTransposed ? product.Right.Leading : 1,
            RightStride = product.Right.Stride,
            Alpha = product.Alpha,
            Accumulates = product.Accumulates ? 1 : 0,
            Edge = edge,
        });
    }

    private static ArrayView<T> View<T>(in MatrixOperand operand)
        where T : unmanaged
    {
        ArrayView<T> whole = operand.Buffer.Memory.View.AsContiguous().Cast<T>();
        return whole.SubView(operand.Offset, whole.Length - operand.Offset);
    }
}

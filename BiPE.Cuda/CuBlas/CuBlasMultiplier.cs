using BiPE.Core;
using BiPE.Core.Tensors;
using BiPE.Cuda.Memory;
using BiPE.Cuda.Products;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda.CuBlas;

/// <summary>Matrix products by cuBLAS, on tensor cores where the device has them.</summary>
internal sealed unsafe class CuBlasMultiplier : IMatrixMultiplier
{
    // What NVIDIA recommends for its Hopper devices; without it, the library would allocate as it goes.
    private const int WorkspaceBytes = 32 << 20;

    private readonly CudaAccelerator _accelerator;
    private readonly IMatrixMultiplier _other;
    private readonly CuBlasComputeType _computeType;
    private nint _handle;

    /// <summary>Opens the library.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="stream">The stream to compute on.</param>
    /// <param name="memory">Where the library's workspace comes from; it is kept as long as the device.</param>
    /// <param name="allowsTensorFloat32">Whether factors in float32 may be rounded to 10 bits of mantissa.</param>
    /// <param name="other">Computes what the library does not: float32 factors with a bfloat16 result.</param>
    /// <exception cref="BipeException">The library is missing or refuses the device.</exception>
    public CuBlasMultiplier(
        CudaAccelerator accelerator, CudaStream stream, CudaMemoryPool memory, bool allowsTensorFloat32, IMatrixMultiplier other)
    {
        _accelerator = accelerator;
        _other = other;
        _computeType = allowsTensorFloat32 ? CuBlasComputeType.Float32FastTensorFloat32 : CuBlasComputeType.Float32;
        if (!CuBlasLibrary.TryFind(out string? path, out string? problem))
        {
            throw new BipeException($"{problem}; or compute with --backend cpu.");
        }

        accelerator.Bind();
        Require(CuBlasNative.Create(out _handle), "cublasCreate");
        try
        {
            Require(CuBlasNative.GetVersion(_handle, out int version), "cublasGetVersion");
            Require(CuBlasNative.SetStream(_handle, stream.StreamPtr), "cublasSetStream");
            CudaBuffer workspace = memory.Take(WorkspaceBytes);
            Require(CuBlasNative.SetWorkspace(_handle, workspace.Address, WorkspaceBytes), "cublasSetWorkspace");
            Require(CuBlasNative.SetMathMode(_handle, CuBlasMathMode.NoReducedPrecisionReduction), "cublasSetMathMode");
            Name = $"cuBLAS {FormatVersion(version)} ({path})";
        }
        catch
        {
            _ = CuBlasNative.Destroy(_handle);
            throw;
        }
    }

    public string Name { get; }

    public void Multiply(in MatrixProduct product)
    {
        if (product.Left.Type == ElementType.Float32 && product.Result.Type == ElementType.BFloat16)
        {
            _other.Multiply(product);
            return;
        }

        _accelerator.Bind();
        float alpha = product.Alpha;
        float beta = product.Accumulates ? 1 : 0;
        ColumnMajorProduct call = ColumnMajorProduct.Of(product);
        CuBlasComputeType computeType = product.Left.Type == ElementType.Float32 ? _computeType : CuBlasComputeType.Float32;
        CuBlasStatus status = product.Groups == 1
            ? CuBlasNative.GemmEx(
                _handle, call.OperationA, call.OperationB, call.M, call.N, call.K,
                &alpha, product.Right.Address, call.FactorType, call.LeadingA, product.Left.Address, call.FactorType, call.LeadingB,
                &beta, product.Result.Address, call.ResultType, call.LeadingC, computeType, CuBlasAlgorithm.Default)
            : CuBlasNative.GemmStridedBatchedEx(
                _handle, call.OperationA, call.OperationB, call.M, call.N, call.K,
                &alpha, product.Right.Address, call.FactorType, call.LeadingA, call.StrideA, product.Left.Address, call.FactorType, call.LeadingB, call.StrideB,
                &beta, product.Result.Address, call.ResultType, call.LeadingC, call.StrideC, product.Groups, computeType, CuBlasAlgorithm.Default);
        Require(status, $"the product of {product.Groups} x [{product.Rows}, {product.Terms}] and [{product.Terms}, {product.Columns}]");
    }

    public void Dispose()
    {
        if (_handle != 0)
        {
            _ = CuBlasNative.Destroy(_handle);
            _handle = 0;
        }
    }

    /// <summary>A version's number as text: 130002 is 13.0.2.</summary>
    internal static string FormatVersion(int version) => $"{version / 10000}.{version / 100 % 100}.{version % 100}";

    private static void Require(CuBlasStatus status, string what)
    {
        if (status != CuBlasStatus.Success)
        {
            throw new BipeException($"cuBLAS failed at {what}: {status} ({(int)status}); the device may be lost or out of memory.");
        }
    }
}

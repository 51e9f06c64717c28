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
    private readonly CuBlasNative _native;
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
        var driver = new Version(accelerator.DriverVersion.Major, accelerator.DriverVersion.Minor);
        IEnumerable<CuBlasNative> found = CuBlasLibrary.Found(driver.Major);
        if (!found.Any())
        {
            throw new BipeException($"{CuBlasLibrary.Missing(driver.Major)}; or compute with --backend cpu.");
        }

        accelerator.Bind();
        _native = CuBlasChoice.Open(found, driver, out _handle);
        try
        {
            Require(_native.SetStream(_handle, stream.StreamPtr), "cublasSetStream");
            CudaBuffer workspace = memory.Take(WorkspaceBytes);
            Require(_native.SetWorkspace(_handle, workspace.Address, WorkspaceBytes), "cublasSetWorkspace");
            Require(_native.SetMathMode(_handle, CuBlasMathMode.NoReducedPrecisionReduction), "cublasSetMathMode");
            Name = $"cuBLAS {_native.Version} ({_native.Path})";
        }
        catch
        {
            _ = _native.Destroy(_handle);
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
            ? _native.GemmEx(
                _handle, call.OperationA, call.OperationB, call.M, call.N, call.K,
                &alpha, product.Right.Address, call.FactorType, call.LeadingA, product.Left.Address, call.FactorType, call.LeadingB,
                &beta, product.Result.Address, call.ResultType, call.LeadingC, computeType, CuBlasAlgorithm.Default)
            : _native.GemmStridedBatchedEx(
                _handle, call.OperationA, call.OperationB, call.M, call.N, call.K,
                &alpha, product.Right.Address, call.FactorType, call.LeadingA, call.StrideA, product.Left.Address, call.FactorType, call.LeadingB, call.StrideB,
                &beta, product.Result.Address, call.ResultType, call.LeadingC, call.StrideC, product.Groups, computeType, CuBlasAlgorithm.Default);
        Require(status, $"the product of {product.Groups} x [{product.Rows}, {product.Terms}] and [{product.Terms}, {product.Columns}]");
    }

    public void Dispose()
    {
        if (_handle != 0)
        {
            _ = _native.Destroy(_handle);
            _handle = 0;
        }
    }

    private static void Require(CuBlasStatus status, string what)
    {
        if (status != CuBlasStatus.Success)
        {
            throw new BipeException($"cuBLAS failed at {what}: {status} ({(int)status}); the device may be lost or out of memory.");
        }
    }
}

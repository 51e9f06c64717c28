using BiPE.Cuda.CuBlas;

namespace BiPE.Cuda.Tests.CuBlas;

/// <summary>The binding's numbers and signatures against those of the published headers library_types.h and cublas_api.h.</summary>
public sealed class ConstantTests
{
    [TestCase((int)CuBlasDataType.Float32, 0, "CUDA_R_32F")]
    [TestCase((int)CuBlasDataType.BFloat16, 14, "CUDA_R_16BF")]
    [TestCase((int)CuBlasOperation.None, 0, "CUBLAS_OP_N")]
    [TestCase((int)CuBlasOperation.Transpose, 1, "CUBLAS_OP_T")]
    [TestCase((int)CuBlasComputeType.Float32, 68, "CUBLAS_COMPUTE_32F")]
    [TestCase((int)CuBlasComputeType.Float32FastTensorFloat32, 77, "CUBLAS_COMPUTE_32F_FAST_TF32")]
    [TestCase((int)CuBlasMathMode.NoReducedPrecisionReduction, 16, "CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION")]
    [TestCase((int)CuBlasProperty.MajorVersion, 0, "MAJOR_VERSION")]
    [TestCase((int)CuBlasProperty.MinorVersion, 1, "MINOR_VERSION")]
    [TestCase((int)CuBlasProperty.PatchLevel, 2, "PATCH_LEVEL")]
    [TestCase((int)CuBlasAlgorithm.Default, -1, "CUBLAS_GEMM_DEFAULT")]
    [TestCase((int)CuBlasStatus.Success, 0, "CUBLAS_STATUS_SUCCESS")]
    [TestCase((int)CuBlasStatus.NotInitialized, 1, "CUBLAS_STATUS_NOT_INITIALIZED")]
    [TestCase((int)CuBlasStatus.AllocationFailed, 3, "CUBLAS_STATUS_ALLOC_FAILED")]
    [TestCase((int)CuBlasStatus.InvalidValue, 7, "CUBLAS_STATUS_INVALID_VALUE")]
    [TestCase((int)CuBlasStatus.ArchitectureMismatch, 8, "CUBLAS_STATUS_ARCH_MISMATCH")]
    [TestCase((int)CuBlasStatus.MappingError, 11, "CUBLAS_STATUS_MAPPING_ERROR")]
    [TestCase((int)CuBlasStatus.ExecutionFailed, 13, "CUBLAS_STATUS_EXECUTION_FAILED")]
    [TestCase((int)CuBlasStatus.InternalError, 14, "CUBLAS_STATUS_INTERNAL_ERROR")]
    [TestCase((int)CuBlasStatus.NotSupported, 15, "CUBLAS_STATUS_NOT_SUPPORTED")]
    [TestCase((int)CuBlasStatus.LicenseError, 16, "CUBLAS_STATUS_LICENSE_ERROR")]
    public void HaveTheHeadersValues(int constant, int value, string name) => Assert.That(constant, Is.EqualTo(value), name);

    [TestCase(nameof(CuBlasNative.Create), "cublasCreate_v2", "p")]
    [TestCase(nameof(CuBlasNative.Destroy), "cublasDestroy_v2", "p")]
    [TestCase(nameof(CuBlasNative.GetProperty), "cublasGetProperty", "ip")]
    [TestCase(nameof(CuBlasNative.SetStream), "cublasSetStream_v2", "pp")]
    [TestCase(nameof(CuBlasNative.SetWorkspace), "cublasSetWorkspace_v2", "pps")]
    [TestCase(nameof(CuBlasNative.SetMathMode), "cublasSetMathMode", "pi")]
    [TestCase(nameof(CuBlasNative.GemmEx), "cublasGemmEx", "piiiiippiipiippiiii")]
    [TestCase(nameof(CuBlasNative.GemmStridedBatchedEx), "cublasGemmStridedBatchedEx", "piiiiippiilpiilppiiliii")]
    public void ParametersAreTheHeaders(string function, string entryPoint, string parameters)
    {
        Type pointer = typeof(CuBlasNative).GetField(function)!.FieldType;
        Assert.That(CuBlasNative.EntryPoints[function], Is.EqualTo(entryPoint));
        Assert.That(string.Concat(pointer.GetFunctionPointerParameterTypes().Select(Letter)), Is.EqualTo(parameters));
        Assert.That(pointer.GetFunctionPointerReturnType(), Is.EqualTo(typeof(CuBlasStatus)));
    }

    /// <summary>p: pointer or handle, i: 32-bit integer or enumeration, l: 64-bit integer, s: size_t.</summary>
    private static char Letter(Type parameter) => parameter switch
    {
        { IsPointer: true } => 'p',
        { IsEnum: true } => 'i',
        var type when type == typeof(nint) => 'p',
        var type when type == typeof(nuint) => 's',
        var type when type == typeof(int) => 'i',
        var type when type == typeof(long) => 'l',
        _ => '?',
    };
}

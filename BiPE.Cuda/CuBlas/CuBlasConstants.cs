namespace BiPE.Cuda.CuBlas;

/// <summary>Result of a call, as <c>cublasStatus_t</c> numbers them.</summary>
internal enum CuBlasStatus
{
    Success = 0,
    NotInitialized = 1,
    AllocationFailed = 3,
    InvalidValue = 7,
    ArchitectureMismatch = 8,
    MappingError = 11,
    ExecutionFailed = 13,
    InternalError = 14,
    NotSupported = 15,
    LicenseError = 16,
}

/// <summary>How a column-major matrix is read, as <c>cublasOperation_t</c> numbers it.</summary>
internal enum CuBlasOperation
{
    None = 0,
    Transpose = 1,
}

/// <summary>Element types, as <c>cudaDataType_t</c> numbers them.</summary>
internal enum CuBlasDataType
{
    Float32 = 0,
    BFloat16 = 14,
}

/// <summary>What products are computed in, as <c>cublasComputeType_t</c> numbers it.</summary>
internal enum CuBlasComputeType
{
    /// <summary>Sums in float32; factors in their own type.</summary>
    Float32 = 68,

    /// <summary>Sums in float32; factors rounded to 10 bits of mantissa.</summary>
    Float32FastTensorFloat32 = 77,
}

/// <summary>What the library may do beside what a call says, as <c>cublasMath_t</c> numbers it.</summary>
[Flags]
internal enum CuBlasMathMode
{
    Default = 0,

    /// <summary>Sums of parts are not rounded to the result's type in between.</summary>
    NoReducedPrecisionReduction = 16,
}

/// <summary>Parts of the library's version, as <c>libraryPropertyType_t</c> numbers them.</summary>
internal enum CuBlasProperty
{
    MajorVersion = 0,
    MinorVersion = 1,
    PatchLevel = 2,
}

/// <summary>Which algorithm, as <c>cublasGemmAlgo_t</c> numbers it.</summary>
internal enum CuBlasAlgorithm
{
    Default = -1,
}

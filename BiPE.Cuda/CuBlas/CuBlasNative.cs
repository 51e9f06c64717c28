using System.Runtime.InteropServices;

namespace BiPE.Cuda.CuBlas;

/// <summary>
/// The functions of cuBLAS that are called, by the names its library exports. Alpha and beta are read from the host, which is
/// the library's default. Call nothing before <see cref="CuBlasLibrary.TryFind"/> has found the library.
/// </summary>
internal static unsafe partial class CuBlasNative
{
    /// <summary>Name under which the resolver knows the library.</summary>
    public const string Library = "cublas";

    [LibraryImport(Library, EntryPoint = "cublasCreate_v2")]
    public static partial CuBlasStatus Create(out nint handle);

    [LibraryImport(Library, EntryPoint = "cublasDestroy_v2")]
    public static partial CuBlasStatus Destroy(nint handle);

    [LibraryImport(Library, EntryPoint = "cublasGetVersion_v2")]
    public static partial CuBlasStatus GetVersion(nint handle, out int version);

    [LibraryImport(Library, EntryPoint = "cublasGetProperty")]
    public static partial CuBlasStatus GetProperty(CuBlasProperty property, out int value);

    [LibraryImport(Library, EntryPoint = "cublasSetStream_v2")]
    public static partial CuBlasStatus SetStream(nint handle, nint stream);

    [LibraryImport(Library, EntryPoint = "cublasSetWorkspace_v2")]
    public static partial CuBlasStatus SetWorkspace(nint handle, nint workspace, nuint byteLength);

    [LibraryImport(Library, EntryPoint = "cublasSetMathMode")]
    public static partial CuBlasStatus SetMathMode(nint handle, CuBlasMathMode mode);

    [LibraryImport(Library, EntryPoint = "cublasGemmEx")]
    public static partial CuBlasStatus GemmEx(
        nint handle, CuBlasOperation operationA, CuBlasOperation operationB, int m, int n, int k,
        float* alpha, nint a, CuBlasDataType typeA, int leadingA, nint b, CuBlasDataType typeB, int leadingB,
        float* beta, nint c, CuBlasDataType typeC, int leadingC, CuBlasComputeType computeType, CuBlasAlgorithm algorithm);

    [LibraryImport(Library, EntryPoint = "cublasGemmStridedBatchedEx")]
    public static partial CuBlasStatus GemmStridedBatchedEx(
        nint handle, CuBlasOperation operationA, CuBlasOperation operationB, int m, int n, int k,
        float* alpha, nint a, CuBlasDataType typeA, int leadingA, long strideA,
        nint b, CuBlasDataType typeB, int leadingB, long strideB,
        float* beta, nint c, CuBlasDataType typeC, int leadingC, long strideC,
        int batchCount, CuBlasComputeType computeType, CuBlasAlgorithm algorithm);
}

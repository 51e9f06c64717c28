using System.Runtime.InteropServices;

namespace BiPE.Cuda.CuBlas;

/// <summary>
/// The functions of a library of cuBLAS that are called, by the names it exports. Alpha and beta are read from the host, which is
/// the library's default. They are no imports, because an import is bound to one library for good, and another must be tried where
/// the driver cannot use the first.
/// </summary>
internal sealed unsafe class CuBlasNative : ICuBlas
{
    public readonly delegate* unmanaged<nint*, CuBlasStatus> Create;

    public readonly delegate* unmanaged<nint, CuBlasStatus> Destroy;

    public readonly delegate* unmanaged<CuBlasProperty, int*, CuBlasStatus> GetProperty;

    public readonly delegate* unmanaged<nint, nint, CuBlasStatus> SetStream;

    public readonly delegate* unmanaged<nint, nint, nuint, CuBlasStatus> SetWorkspace;

    public readonly delegate* unmanaged<nint, CuBlasMathMode, CuBlasStatus> SetMathMode;

    public readonly delegate* unmanaged<
        nint, CuBlasOperation, CuBlasOperation, int, int, int,
        float*, nint, CuBlasDataType, int, nint, CuBlasDataType, int,
        float*, nint, CuBlasDataType, int, CuBlasComputeType, CuBlasAlgorithm, CuBlasStatus> GemmEx;

    public readonly delegate* unmanaged<
        nint, CuBlasOperation, CuBlasOperation, int, int, int,
        float*, nint, CuBlasDataType, int, long, nint, CuBlasDataType, int, long,
        float*, nint, CuBlasDataType, int, long, int, CuBlasComputeType, CuBlasAlgorithm, CuBlasStatus> GemmStridedBatchedEx;

    private CuBlasNative(string path, nint library)
    {
        nint Export(string function) => NativeLibrary.GetExport(library, EntryPoints[function]);
        Path = path;
        Create = (delegate* unmanaged<nint*, CuBlasStatus>)Export(nameof(Create));
        Destroy = (delegate* unmanaged<nint, CuBlasStatus>)Export(nameof(Destroy));
        GetProperty = (delegate* unmanaged<CuBlasProperty, int*, CuBlasStatus>)Export(nameof(GetProperty));
        SetStream = (delegate* unmanaged<nint, nint, CuBlasStatus>)Export(nameof(SetStream));
        SetWorkspace = (delegate* unmanaged<nint, nint, nuint, CuBlasStatus>)Export(nameof(SetWorkspace));
        SetMathMode = (delegate* unmanaged<nint, CuBlasMathMode, CuBlasStatus>)Export(nameof(SetMathMode));
        GemmEx = (delegate* unmanaged<
            nint, CuBlasOperation, CuBlasOperation, int, int, int,
            float*, nint, CuBlasDataType, int, nint, CuBlasDataType, int,
            float*, nint, CuBlasDataType, int, CuBlasComputeType, CuBlasAlgorithm, CuBlasStatus>)Export(nameof(GemmEx));
        GemmStridedBatchedEx = (delegate* unmanaged<
            nint, CuBlasOperation, CuBlasOperation, int, int, int,
            float*, nint, CuBlasDataType, int, long, nint, CuBlasDataType, int, long,
            float*, nint, CuBlasDataType, int, long, int, CuBlasComputeType, CuBlasAlgorithm, CuBlasStatus>)Export(nameof(GemmStridedBatchedEx));
        Version = new Version(Property(CuBlasProperty.MajorVersion), Property(CuBlasProperty.MinorVersion), Property(CuBlasProperty.PatchLevel));
    }

    /// <summary>What the library calls each function.</summary>
    public static IReadOnlyDictionary<string, string> EntryPoints { get; } = new Dictionary<string, string>
    {
        [nameof(Create)] = "cublasCreate_v2",
        [nameof(Destroy)] = "cublasDestroy_v2",
        [nameof(GetProperty)] = "cublasGetProperty",
        [nameof(SetStream)] = "cublasSetStream_v2",
        [nameof(SetWorkspace)] = "cublasSetWorkspace_v2",
        [nameof(SetMathMode)] = "cublasSetMathMode",
        [nameof(GemmEx)] = "cublasGemmEx",
        [nameof(GemmStridedBatchedEx)] = "cublasGemmStridedBatchedEx",
    };

    public string Path { get; }

    public Version Version { get; }

    /// <summary>Loads a library; null if there is none that can be loaded, or it is not cuBLAS.</summary>
    /// <param name="path">Its name or path.</param>
    public static CuBlasNative? TryLoad(string path) =>
        NativeLibrary.TryLoad(path, out nint library) && EntryPoints.Values.All(name => NativeLibrary.TryGetExport(library, name, out _))
            ? new CuBlasNative(path, library)
            : null;

    public CuBlasStatus Open(out nint handle)
    {
        nint created = 0;
        CuBlasStatus status = Create(&created);
        handle = created;
        return status;
    }

    private int Property(CuBlasProperty property)
    {
        int value = 0;
        return GetProperty(property, &value) == CuBlasStatus.Success ? value : 0;
    }
}

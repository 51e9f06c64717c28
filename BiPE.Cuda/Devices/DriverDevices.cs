using System.Reflection;
using System.Runtime.Loader;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda.Devices;

/// <summary>The driver's devices as ILGPU knows them.</summary>
internal static class DriverDevices
{
    private static readonly Lazy<IReadOnlyList<CudaDevice>> Found = new(Find);

    /// <summary>
    /// All, in the driver's order, looked for once in a process: under WSL, ILGPU can look for them only once, since each time it
    /// sets a resolver of libraries, of which an assembly can have one.
    /// </summary>
    public static IReadOnlyList<CudaDevice> All => Found.Value;

    /// <summary>Answers an import with a library that is loaded already, where the runtime's own search finds nothing.</summary>
    /// <param name="importer">The assembly that imports.</param>
    /// <param name="name">The name that it imports.</param>
    /// <param name="library">What is loaded; 0 if nothing is.</param>
    internal static void Answer(Assembly importer, string name, nint library)
    {
        if (library != 0 && AssemblyLoadContext.GetLoadContext(importer) is { } context)
        {
            context.ResolvingUnmanagedDll += (assembly, wanted) => assembly == importer && wanted == name ? library : 0;
        }
    }

    private static List<CudaDevice> Find()
    {
        // ILGPU imports "cuda", for which the runtime looks for libcuda.so; containers often have libcuda.so.1 alone.
        Answer(typeof(Context).Assembly, "cuda", NvidiaDriver.Library);
        using Context context = Context.Create(builder => CudaBackend.Configure(builder).Cuda());
        return [.. Enumerable.Range(0, context.GetCudaDevices().Count).Select(context.GetCudaDevice)];
    }
}

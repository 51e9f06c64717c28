using System.Collections.Concurrent;

namespace BiPE.Cuda.CuBlas;

/// <summary>Finds the libraries of cuBLAS, which no package of this project brings, in the places where they are installed.</summary>
internal static class CuBlasLibrary
{
    private static readonly int[] Versions = [13, 12, 11];
    private static readonly ConcurrentDictionary<string, CuBlasNative?> Loaded = new();

    /// <summary>The libraries that can be loaded, in the order of <see cref="Candidates"/>; each is loaded when it is asked for.</summary>
    /// <param name="driverMajor">Version of CUDA that the driver is for.</param>
    public static IEnumerable<CuBlasNative> Found(int driverMajor) =>
        Candidates(new SystemPlaces(), driverMajor).Select(candidate => Loaded.GetOrAdd(candidate, CuBlasNative.TryLoad)).OfType<CuBlasNative>();

    /// <summary>What is said where none is found.</summary>
    /// <param name="driverMajor">Version of CUDA that the driver is for.</param>
    public static string Missing(int driverMajor)
    {
        var places = new SystemPlaces();
        string[] candidates = [.. Candidates(places, driverMajor)];
        string names = string.Join(", ", candidates.Where(candidate => !Path.IsPathRooted(candidate)));
        string found = string.Join(", ", candidates.Where(Path.IsPathRooted));
        string broken = found.Length == 0 ? "" : $"; {found} could not be loaded";
        return $"cuBLAS was not found: looked for {names} in the loader's path, {string.Join(", ", Folders(places))}{broken}; install the CUDA toolkit or a driver package with cuBLAS, or set CUDA_HOME";
    }

    /// <summary>
    /// Names and paths to try, in order: the loader's own path, CUDA_HOME and CUDA_PATH, the usual folder, Python's wheels; newest
    /// first, but those that are newer than the driver last, since it cannot use them.
    /// </summary>
    /// <param name="places">What there is on the machine.</param>
    /// <param name="driverMajor">Version of CUDA that the driver is for.</param>
    internal static IEnumerable<string> Candidates(ISystemPlaces places, int driverMajor)
    {
        foreach (IGrouping<bool, int> versions in Versions.GroupBy(version => version > driverMajor).OrderBy(group => group.Key))
        {
            string[] names = [.. versions.Select(version => places.IsWindows ? $"cublas64_{version}.dll" : $"libcublas.so.{version}")];
            foreach (string name in names)
            {
                yield return name;
            }

            foreach (string path in Folders(places).SelectMany(folder => names.Select(name => Path.Combine(folder, name))).Where(places.HasFile))
            {
                yield return path;
            }
        }
    }

    /// <summary>Folders that may hold the library.</summary>
    /// <param name="places">What there is on the machine.</param>
    internal static IEnumerable<string> Folders(ISystemPlaces places)
    {
        string[] parts = places.IsWindows ? ["bin", Path.Combine("bin", "x64")] : ["lib64", "lib", Path.Combine("targets", "x86_64-linux", "lib")];
        IEnumerable<string> toolkits = new[] { places.Variable("CUDA_HOME"), places.Variable("CUDA_PATH"), places.IsWindows ? null : "/usr/local/cuda" }
            .OfType<string>().Where(folder => folder.Length > 0);
        foreach (string toolkit in toolkits)
        {
            foreach (string part in parts)
            {
                yield return Path.Combine(toolkit, part);
            }
        }

        string library = places.IsWindows ? "bin" : "lib";
        foreach (string packages in places.PythonPackageFolders())
        {
            yield return Path.Combine(packages, "nvidia", "cu13", library);
            yield return Path.Combine(packages, "nvidia", "cublas", library);
        }
    }
}

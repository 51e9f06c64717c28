using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace BiPE.Cuda.CuBlas;

/// <summary>Finds the library of cuBLAS, which no package of this project brings: newest first, in the places where it is installed.</summary>
internal static class CuBlasLibrary
{
    private static readonly int[] Versions = [13, 12, 11];
    private static readonly Lock Gate = new();
    private static nint _handle;
    private static string? _path;

    /// <summary>Loads the library, once in a process.</summary>
    /// <param name="path">What was loaded.</param>
    /// <param name="problem">Where it was looked for, if it was not found.</param>
    public static bool TryFind([NotNullWhen(true)] out string? path, [NotNullWhen(false)] out string? problem)
    {
        lock (Gate)
        {
            if (_handle == 0)
            {
                string[] candidates = [.. Candidates(new SystemPlaces())];
                _path = candidates.FirstOrDefault(candidate => NativeLibrary.TryLoad(candidate, out _handle));
                if (_handle == 0)
                {
                    path = null;
                    problem = Missing(candidates);
                    return false;
                }

                NativeLibrary.SetDllImportResolver(
                    typeof(CuBlasLibrary).Assembly, (name, _, _) => name == CuBlasNative.Library ? _handle : 0);
            }

            path = _path!;
            problem = null;
            return true;
        }
    }

    /// <summary>The library's version, such as 13.0.2; <see cref="TryFind"/> comes before.</summary>
    public static string Version()
    {
        int[] parts = new int[3];
        for (int i = 0; i < parts.Length; i++)
        {
            _ = CuBlasNative.GetProperty((CuBlasProperty)i, out parts[i]);
        }

        return string.Join('.', parts);
    }

    /// <summary>Names and paths to try, in order: the loader's own path, CUDA_HOME and CUDA_PATH, the usual folder, Python's wheels.</summary>
    /// <param name="places">What there is on the machine.</param>
    internal static IEnumerable<string> Candidates(ISystemPlaces places)
    {
        string[] names = [.. Versions.Select(version => places.IsWindows ? $"cublas64_{version}.dll" : $"libcublas.so.{version}")];
        foreach (string name in names)
        {
            yield return name;
        }

        foreach (string folder in Folders(places))
        {
            foreach (string name in names)
            {
                string path = Path.Combine(folder, name);
                if (places.HasFile(path))
                {
                    yield return path;
                }
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

    private static string Missing(string[] candidates)
    {
        var places = new SystemPlaces();
        string names = string.Join(", ", candidates.Where(candidate => !Path.IsPathRooted(candidate)));
        string found = string.Join(", ", candidates.Where(Path.IsPathRooted));
        string broken = found.Length == 0 ? "" : $"; {found} could not be loaded";
        return $"cuBLAS was not found: looked for {names} in the loader's path, {string.Join(", ", Folders(places))}{broken}; install the CUDA toolkit or a driver package with cuBLAS, or set CUDA_HOME";
    }
}

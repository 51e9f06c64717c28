using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json;

namespace BiPE.Cli;

/// <summary>What <c>bipe info</c> tells.</summary>
internal sealed record MachineReport
{
    /// <summary>Version of this program.</summary>
    public static string ProgramVersion { get; } =
        typeof(MachineReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public required string Version { get; init; }

    public required string Runtime { get; init; }

    public required string OperatingSystem { get; init; }

    public required string Architecture { get; init; }

    public required int Processors { get; init; }

    /// <summary>Width of the widest vectors that the runtime's code uses, in bits; 0 without any.</summary>
    public required int VectorBits { get; init; }

    /// <summary>Memory that the process may take.</summary>
    public required long MemoryBytes { get; init; }

    public required IReadOnlyList<BackendReport> Backends { get; init; }

    /// <summary>Version of every package the program runs with.</summary>
    public required IReadOnlyDictionary<string, string> Packages { get; init; }

    /// <summary>Looks at the machine.</summary>
    /// <param name="registry">The backends to probe.</param>
    public static MachineReport Create(BackendRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return new MachineReport
        {
            Version = ProgramVersion,
            Runtime = RuntimeInformation.FrameworkDescription,
            OperatingSystem = RuntimeInformation.OSDescription,
            Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
            Processors = Environment.ProcessorCount,
            VectorBits = WidestVector(),
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Backends = [.. registry.Providers.Select(BackendReport.Create)],
            Packages = ReadPackages(),
        };
    }

    private static int WidestVector() =>
        Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128
        : 0;

    /// <summary>The packages in the list of dependencies that the build writes beside the program; empty if it is not there.</summary>
    private static SortedDictionary<string, string> ReadPackages()
    {
        var packages = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string path = Path.Combine(AppContext.BaseDirectory, "bipe.deps.json");
        if (!File.Exists(path))
        {
            return packages;
        }

        using JsonDocument dependencies = JsonDocument.Parse(File.ReadAllBytes(path));
        foreach (JsonProperty library in dependencies.RootElement.GetProperty("libraries").EnumerateObject())
        {
            if (library.Value.GetProperty("type").ValueEquals("package"))
            {
                string[] nameAndVersion = library.Name.Split('/');
                packages[nameAndVersion[0]] = nameAndVersion[1];
            }
        }

        return packages;
    }
}

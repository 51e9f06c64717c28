using System.CommandLine;
using BiPE.Cli.Console;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe info</c>.</summary>
internal sealed class InfoCommand : BipeCommand
{
    private readonly Option<string?> _json = CommonOptions.Json();

    private readonly Option<bool> _encodings = new("--encodings")
    {
        Description = "List the position encodings instead, with their papers and the options that position.attention or position.embedding of a configuration takes.",
    };

    public InfoCommand()
        : base(
            "info", "Shows what this machine offers: backends, devices, vector width, threads, versions; or the position encodings.",
            "bipe info", "bipe info --json", "bipe info --encodings")
    {
        Options.Add(_encodings);
        Options.Add(_json);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string? json = parsed.GetValue(_json);
        JsonResult.RequireWritable(json);
        if (parsed.GetValue(_encodings))
        {
            ShowEncodings(json);
            return 0;
        }

        MachineReport report = MachineReport.Create(BackendRegistry.Default);
        if (json != JsonResult.StandardOutput)
        {
            Write(report);
        }

        if (json is not null)
        {
            JsonResult.Write(json, report);
        }

        return 0;
    }

    private static void ShowEncodings(string? json)
    {
        EncodingReport report = EncodingReport.Create();
        if (json != JsonResult.StandardOutput)
        {
            report.Write();
        }

        if (json is not null)
        {
            JsonResult.Write(json, report);
        }
    }

    private static void Write(MachineReport report)
    {
        Terminal.WriteResult($"bipe {report.Version}, {report.Runtime}, {report.OperatingSystem}, {report.Architecture}");
        Terminal.WriteResult($"{report.Processors} processors, vectors of {report.VectorBits} bits, {Quantity.Bytes(report.MemoryBytes)} of memory");
        foreach (BackendReport backend in report.Backends)
        {
            Terminal.WriteResult($"backend {backend.Name}: {Describe(backend)}");
            foreach (string detail in backend.Details)
            {
                Terminal.WriteResult($"  {detail}");
            }
        }

        Terminal.WriteResult($"Packages: {string.Join(", ", report.Packages.Select(package => $"{package.Key} {package.Value}"))}");
    }

    private static string Describe(BackendReport backend)
    {
        if (!backend.IsAvailable)
        {
            return $"not available, {backend.Description}";
        }

        string host = backend.HostOperations is { Count: > 0 } operations ? $"; slow, on the host: {string.Join(", ", operations)}" : "";
        return $"works, {backend.Description}, {backend.ActivationType}{host}";
    }
}

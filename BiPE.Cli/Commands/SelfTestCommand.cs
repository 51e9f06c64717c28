using System.CommandLine;
using System.Diagnostics;
using BiPE.Cli.Console;
using BiPE.Cli.SelfTest;
using BiPE.Core;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe selftest</c>.</summary>
internal sealed class SelfTestCommand : BipeCommand
{
    private readonly Option<string?> _golden = new("--golden")
    {
        Description = "Folder with more recorded numbers of the reference implementation than the program carries.",
        HelpName = "DIR",
    };

    private readonly Option<string?> _json = CommonOptions.Json();
    private readonly BackendSelection _backend;

    public SelfTestCommand()
        : base(
            "selftest", "Checks that a backend computes correctly on this machine.",
            "bipe selftest --backend cuda", "bipe selftest --backend cuda --dtype float32 --json selftest.json", "bipe selftest --backend cuda-simulated")
    {
        Options.Add(_golden);
        Options.Add(_json);
        _backend = new BackendSelection(this);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string? json = parsed.GetValue(_json);
        JsonResult.RequireWritable(json);
        using ITensorBackend backend = _backend.Open(parsed);
        using GoldenFiles golden = GoldenFiles.Open(parsed.GetValue(_golden));
        bool writesLines = json != JsonResult.StandardOutput;
        if (writesLines)
        {
            Terminal.WriteResult($"{backend.Info.Name}: {backend.Info.Device}");
        }

        ISelfTestCheck[] checks =
        [
            new OperationsCheck(),
            .. golden.Encodings.Select(encoding => new GoldenCheck(golden, encoding)),
            new TrainingCheck(golden, "bipe_rope"),
            new TrainingCheck(golden, "alibi"),
            new RepetitionCheck(golden, "bipe_rope"),
        ];
        var results = new List<SelfTestResult>();
        foreach (ISelfTestCheck check in checks)
        {
            cancellation.ThrowIfCancellationRequested();
            results.Add(Run(check, backend));
            if (writesLines)
            {
                Terminal.WriteResult($"{(results[^1].Passed ? "ok  " : "FAIL")}  {results[^1].Name}: {results[^1].Detail} ({Quantity.Fixed(results[^1].Seconds, 1)} s)");
            }
        }

        bool passed = results.TrueForAll(result => result.Passed);
        if (json is not null)
        {
            JsonResult.Write(json, new SelfTestReport(backend.Info.Name, backend.Info.Device, passed, results));
        }

        return passed ? 0 : throw new BipeException(
            $"{results.Count(result => !result.Passed)} of {results.Count} checks failed: the backend '{backend.Info.Name}' does not compute correctly here; use another --backend.");
    }

    private static SelfTestResult Run(ISelfTestCheck check, ITensorBackend backend)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            (bool passed, string detail) = check.Run(backend);
            return new SelfTestResult(check.Name, passed, detail, watch.Elapsed.TotalSeconds);
        }
        catch (Exception e) when (e is BipeException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            return new SelfTestResult(check.Name, false, e.Message, watch.Elapsed.TotalSeconds);
        }
    }
}

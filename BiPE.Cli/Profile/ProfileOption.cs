using System.CommandLine;
using BiPE.Cli.Benchmark;
using BiPE.Cli.Benchmark.Limits;
using BiPE.Cli.Commands;
using BiPE.Cli.Console;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Profile;

/// <summary>The option <c>--profile</c>.</summary>
internal sealed class ProfileOption
{
    private readonly Option<string?> _profile = new("--profile")
    {
        Description = "Show at the end where the steps' time went, a row an operation: time, FLOP/s, bytes/s and their shares of what the machine "
            + "reaches; with FILE also as JSON, with - as JSON on standard output instead. Every operation is waited for, which slows a device that computes beside the host.",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result => result.Tokens.Count == 0 ? "" : result.Tokens[0].Value,
    };

    /// <summary>Adds the option to a command.</summary>
    /// <param name="command">The command.</param>
    public ProfileOption(Command command) => command.Options.Add(_profile);

    /// <summary>Opens the backend that the user chose, and what records it if that is asked for.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="selection">The choice.</param>
    /// <param name="profile">What records it, or null.</param>
    /// <param name="cancellation">Stops the measurement of what the backend reaches.</param>
    public ITensorBackend Open(ParseResult parsed, BackendSelection selection, out TrainingProfile? profile, CancellationToken cancellation)
    {
        profile = null;
        if (parsed.GetValue(_profile) is not { } target)
        {
            return selection.Open(parsed);
        }

        if (target.Length > 0)
        {
            JsonResult.RequireWritable(target, _profile.Name);
        }

        DeviceRates rates;
        using (ITensorBackend measured = selection.Open(parsed))
        {
            rates = PeakRates.Measure(measured, selection.Threads(parsed), cancellation);
        }

        // Opened again, so that what the training takes is not mixed with what was taken before.
        var backend = new TimingBackend(selection.Open(parsed, isQuiet: true)) { IsRecording = false };
        profile = new TrainingProfile(backend, rates);
        return backend;
    }

    /// <summary>Whether the report goes to standard output, where nothing else may stand then.</summary>
    /// <param name="parsed">Values of the options.</param>
    public bool TakesOutput(ParseResult parsed) => parsed.GetValue(_profile) == JsonResult.StandardOutput;

    /// <summary>Shows what was recorded.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="profile">What recorded it.</param>
    public void Write(ParseResult parsed, TrainingProfile profile) => profile.Write(parsed.GetValue(_profile)!);
}

using System.CommandLine;
using BiPE.Cli.Console;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Commands;

/// <summary>The options <c>--backend</c> and <c>--threads</c> of a command that computes.</summary>
internal sealed class BackendSelection
{
    private const int MostThreads = 1024;

    private readonly Option<string> _backend;
    private readonly Option<long?> _threads;

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    public BackendSelection(Command command)
    {
        _backend = new Option<string>("--backend")
        {
            Description = "What to compute with; auto takes the first of cuda and cpu that works.",
            DefaultValueFactory = _ => BackendRegistry.Automatic,
        };
        _backend.AcceptOnlyFromAmong([.. BackendRegistry.Default.Names]);
        _threads = CommonOptions.Integer("--threads", "Processor threads to compute with. [default: one a core]", 1, MostThreads);
        command.Options.Add(_backend);
        command.Options.Add(_threads);
    }

    /// <summary>Opens what the user chose; with <c>auto</c>, says on standard error what was taken.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <exception cref="Core.BipeException">It does not work here; the message says why.</exception>
    public ITensorBackend Open(ParseResult parsed)
    {
        var options = new BackendOptions { Threads = (int)(parsed.GetValue(_threads) ?? 0) };
        return BackendRegistry.Default.Open(parsed.GetRequiredValue(_backend), options, Terminal.Note);
    }
}

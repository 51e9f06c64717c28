using System.CommandLine;

namespace BiPE.Cli.Commands;

/// <summary>A command that does something (others only group such), with examples for its help.</summary>
internal abstract class BipeCommand : Command, IExampleSource
{
    protected BipeCommand(string name, string description, params string[] examples)
        : base(name, description)
    {
        Examples = examples;
        Validators.Add(GivenValues.RequireNoEmpty);
        Validators.Add(GivenValues.RequireOwnTargets);
        SetAction((parsed, cancellation) => Task.FromResult(Execute(parsed, cancellation)));
    }

    public IReadOnlyList<string> Examples { get; }

    /// <summary>Does the command's work; faults leave as exceptions.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    /// <returns>The exit code.</returns>
    protected abstract int Execute(ParseResult parsed, CancellationToken cancellation);
}

using System.CommandLine;

namespace BiPE.Cli.Commands;

/// <summary>A command that only groups others.</summary>
internal sealed class CommandGroup : Command, IExampleSource
{
    public CommandGroup(string name, string description, params BipeCommand[] commands)
        : base(name, description)
    {
        foreach (BipeCommand command in commands)
        {
            Subcommands.Add(command);
        }

        Examples = [.. commands.SelectMany(command => command.Examples.Take(1))];
    }

    public IReadOnlyList<string> Examples { get; }
}

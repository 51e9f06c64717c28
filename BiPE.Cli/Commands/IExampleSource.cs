namespace BiPE.Cli.Commands;

/// <summary>A command whose help ends with examples.</summary>
internal interface IExampleSource
{
    /// <summary>Whole command lines.</summary>
    IReadOnlyList<string> Examples { get; }
}

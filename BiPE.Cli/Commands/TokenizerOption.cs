using System.CommandLine;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary>The option <c>--tokenizer</c>.</summary>
internal sealed class TokenizerOption
{
    /// <summary>Adds the option to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isRequired">Whether it must be given.</param>
    public TokenizerOption(Command command, bool isRequired)
    {
        Option = new Option<string?>("--tokenizer")
        {
            Description = "A tokenizer.model file, a folder with one (a model's folder has it), or 'bytes'.",
            HelpName = "DIR|FILE|bytes",
            Required = isRequired,
        };
        command.Options.Add(Option);
    }

    /// <summary>The option itself.</summary>
    public Option<string?> Option { get; }

    /// <summary>Opens the tokenizer; null if none was given.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <exception cref="Core.BipeException">There is none, or it cannot be read.</exception>
    public ITokenizer? Open(ParseResult parsed) => parsed.GetValue(Option) is { } path ? TokenizerFolder.Open(path) : null;
}

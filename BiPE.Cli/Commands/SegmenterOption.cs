using System.CommandLine;
using BiPE.Core.Model;
using BiPE.Core.Positions.Segments;

namespace BiPE.Cli.Commands;

/// <summary>The option <c>--segmenter</c>: segments that no separators end.</summary>
internal sealed class SegmenterOption
{
    private const string FixedPrefix = Segmenters.FixedLength + ":";

    /// <summary>Adds the option to a command.</summary>
    /// <param name="command">The command.</param>
    public SegmenterOption(Command command)
    {
        Option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && Read(result.Tokens[0].Value) is null)
            {
                result.AddError($"--segmenter is '{result.Tokens[0].Value}', expected {Segmenters.EveryToken}, {Segmenters.None}, or {FixedPrefix} and a number of tokens, as {FixedPrefix}64");
            }
        });
        command.Options.Add(Option);
    }

    /// <summary>The option itself.</summary>
    public Option<string?> Option { get; } = new("--segmenter")
    {
        Description = "Segments without separators: fixed:N tokens long, every_token (each is a segment), none (a block is one segment).",
        HelpName = "fixed:N|every_token|none",
    };

    /// <summary>The segmenter that was named, or null.</summary>
    /// <param name="parsed">Values of the options.</param>
    public SegmenterConfig? Resolve(ParseResult parsed) => parsed.GetValue(Option) is { } value ? Read(value) : null;

    private static SegmenterConfig? Read(string value) => value switch
    {
        Segmenters.EveryToken or Segmenters.None => new SegmenterConfig { Type = value },
        _ when value.StartsWith(FixedPrefix, StringComparison.Ordinal) && int.TryParse(value[FixedPrefix.Length..], out int length) && length > 0 =>
            new SegmenterConfig { Type = Segmenters.FixedLength, Length = length },
        _ => null,
    };
}

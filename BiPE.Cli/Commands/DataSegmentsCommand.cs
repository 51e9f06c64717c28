using System.CommandLine;
using System.Text;
using BiPE.Cli.Console;
using BiPE.Cli.Segments;
using BiPE.Core;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe data segments</c>.</summary>
internal sealed class DataSegmentsCommand : BipeCommand
{
    private const string StandardInput = "-";
    private const string Always = "always";
    private const string Never = "never";
    private const string Auto = "auto";
    private const int WidthWithoutTerminal = 80;

    private readonly TokenizerOption _tokenizer;
    private readonly SeparatorOption _separators;
    private readonly Option<string> _text = new("--text")
    {
        Description = "UTF-8 text file, or '-' for standard input.",
        HelpName = "FILE|-",
        Required = true,
    };

    private readonly Option<bool> _ids = new("--ids") { Description = "Show each token with its inter-segment and intra-segment id instead of the running text." };
    private readonly Option<long?> _maxTokens = CommonOptions.Integer("--max-tokens", "Show only the first tokens.", 1, int.MaxValue);
    private readonly Option<string> _color = new("--color")
    {
        Description = "Whether segments are coloured: auto on a terminal unless NO_COLOR is set. Without colours, bars with numbers mark their starts.",
        DefaultValueFactory = _ => Auto,
    };

    private readonly Option<string?> _json = CommonOptions.Json();

    public DataSegmentsCommand()
        : base(
            "segments",
            "Shows how a text splits into segments, in colours, and the bilevel ids of its tokens.",
            "bipe data segments --text story.txt",
            "bipe data segments --text story.txt --tokenizer tokenizer.model --separators reference --ids",
            "bipe data segments --text - --separators 10 --json < story.txt")
    {
        _color.AcceptOnlyFromAmong(Auto, Always, Never);
        Options.Add(_text);
        _tokenizer = new TokenizerOption(this, isRequired: false);
        _separators = new SeparatorOption(this, "sentence");
        Options.Add(_ids);
        Options.Add(_maxTokens);
        Options.Add(_color);
        Options.Add(_json);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string? json = parsed.GetValue(_json);
        JsonResult.RequireWritable(json);
        ITokenizer tokenizer = _tokenizer.Open(parsed) ?? new ByteTokenizer();
        IReadOnlyList<int> separators = _separators.Resolve(parsed, tokenizer);
        SeparatorOption.RequireVocabulary(separators, tokenizer.Kind, tokenizer.VocabularySize);
        var ids = new List<int> { tokenizer.BeginOfSentence };
        tokenizer.Encode(Read(parsed.GetRequiredValue(_text), cancellation), ids);
        int shown = (int)Math.Min(ids.Count, parsed.GetValue(_maxTokens) ?? int.MaxValue);
        IReadOnlyList<SegmentedToken> tokens = SegmentedText.Of(ids.GetRange(0, shown), tokenizer, separators);
        if (json != JsonResult.StandardOutput)
        {
            Write(parsed, tokens);
            string rest = shown < ids.Count ? $"; {Quantity.Whole(ids.Count - shown)} more tokens are not shown" : "";
            Terminal.Note($"{Count(shown, "token")} of the {tokenizer.Kind} tokenizer in {Count(tokens[^1].Segment + 1, "segment")} (separators {string.Join(", ", separators)}){rest}");
        }

        if (json is not null)
        {
            JsonResult.Write(json, new { Tokenizer = tokenizer.Kind, Separators = separators, Tokens = tokens }, isCompact: true);
        }

        return 0;
    }

    private static string Count(int count, string thing) => $"{Quantity.Whole(count)} {thing}{(count == 1 ? "" : "s")}";

    private static string Read(string path, CancellationToken cancellation)
    {
        try
        {
            // A read of a terminal or pipe cannot be cancelled, so it waits on a thread that dies with the process.
            return Task.Run(() => ReadAll(path), CancellationToken.None).WaitAsync(cancellation).GetAwaiter().GetResult();
        }
        catch (DecoderFallbackException e)
        {
            throw new BipeException($"'{path}' is not UTF-8 text; convert it to UTF-8.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read '{path}': {e.Message}", e);
        }
    }

    private static string ReadAll(string path)
    {
        using Stream stream = path == StandardInput ? StandardStreams.OpenInput() : File.OpenRead(path);
        using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
        return reader.ReadToEnd();
    }

    private void Write(ParseResult parsed, IReadOnlyList<SegmentedToken> tokens)
    {
        bool isColoured = parsed.GetRequiredValue(_color) switch
        {
            Always => true,
            Never => false,
            _ => Terminal.OutputShowsColors,
        };
        using var output = new StreamWriter(StandardStreams.OpenOutput(), new UTF8Encoding(false), 1 << 16);
        var writer = new SegmentWriter(output, isColoured ? new ColouredStyle() : new MarkedStyle());
        if (parsed.GetValue(_ids))
        {
            writer.WriteIds(tokens, Terminal.OutputIsInteractive ? System.Console.WindowWidth : WidthWithoutTerminal);
        }
        else
        {
            writer.WriteText(tokens);
        }
    }
}

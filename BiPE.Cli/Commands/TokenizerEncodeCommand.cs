using System.CommandLine;
using System.Text.Json;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe tokenizer encode</c>.</summary>
internal sealed class TokenizerEncodeCommand : BipeCommand
{
    private readonly TokenizerOption _tokenizer;

    public TokenizerEncodeCommand()
        : base(
            "encode",
            "Reads a JSON string a line from standard input and writes a JSON array of token ids a line; the begin-of-sentence token comes first if the tokenizer's configuration says so.",
            "echo '\"Hello world.\"' | bipe tokenizer encode --tokenizer bytes",
            "bipe tokenizer encode --tokenizer runs/model < texts.jsonl > ids.jsonl") =>
        _tokenizer = new TokenizerOption(this, isRequired: true);

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        ITokenizer tokenizer = _tokenizer.Open(parsed)!;
        var ids = new List<int>();
        JsonLineFilter.Run(
            (line, writer) =>
            {
                string text = line.ValueKind == JsonValueKind.String
                    ? line.GetString()!
                    : throw new JsonException($"it is {JsonLineFilter.Describe(line.ValueKind)}");
                ids.Clear();
                if (tokenizer.AddsBeginOfSentence)
                {
                    ids.Add(tokenizer.BeginOfSentence);
                }

                tokenizer.Encode(text, ids);
                writer.WriteStartArray();
                ids.ForEach(writer.WriteNumberValue);
                writer.WriteEndArray();
            },
            "a JSON string",
            cancellation);
        return 0;
    }
}

using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe tokenizer decode</c>.</summary>
internal sealed class TokenizerDecodeCommand : BipeCommand
{
    private readonly TokenizerOption _tokenizer;

    public TokenizerDecodeCommand()
        : base(
            "decode",
            "Reads a JSON array of token ids a line from standard input and writes a JSON string a line; begin- and end-of-sentence tokens give no text.",
            "echo '[1, 75, 108]' | bipe tokenizer decode --tokenizer bytes",
            "bipe tokenizer decode --tokenizer runs/model < ids.jsonl > texts.jsonl") =>
        _tokenizer = new TokenizerOption(this, isRequired: true);

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        ITokenizer tokenizer = _tokenizer.Open(parsed)!;
        var ids = new List<int>();
        JsonLineFilter.Run(
            (line, writer) =>
            {
                ReadIds(line, tokenizer.VocabularySize, ids);
                writer.WriteStringValue(tokenizer.Decode(CollectionsMarshal.AsSpan(ids)));
            },
            "a JSON array of token ids",
            cancellation);
        return 0;
    }

    private static void ReadIds(JsonElement line, int vocabularySize, List<int> ids)
    {
        if (line.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException($"it is {JsonLineFilter.Describe(line.ValueKind)}");
        }

        ids.Clear();
        foreach (JsonElement element in line.EnumerateArray())
        {
            bool isId = element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int id) && (uint)id < (uint)vocabularySize;
            if (!isId)
            {
                throw new JsonException($"{element.GetRawText()} is no id of the vocabulary, 0 .. {vocabularySize - 1}");
            }

            ids.Add(element.GetInt32());
        }
    }
}

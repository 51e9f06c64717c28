using BiPE.Cli.Console;
using BiPE.Core.Positions;

namespace BiPE.Cli.Commands;

/// <summary>What <c>bipe info --encodings</c> shows.</summary>
/// <param name="Attention">Encodings over tokens, and between segments with <c>bipe_</c> before their name.</param>
/// <param name="Embedding">Encodings of the embedding, alone over tokens, and inside segments after a <c>+</c>.</param>
internal sealed record EncodingReport(IReadOnlyList<EncodingReport.Entry> Attention, IReadOnlyList<EncodingReport.Entry> Embedding)
{
    private static readonly string[] RotaryKeys = ["rope_theta", "rope_scaling", "partial_rotary_factor"];

    /// <summary>Describes all encodings that are known.</summary>
    public static EncodingReport Create() => new(
        [.. PositionEncodingRegistry.Attention.Select(kind => Entry.Of(kind, kind.IsRotary ? RotaryKeys : []))],
        [.. PositionEncodingRegistry.Embeddings.Select(kind => Entry.Of(kind, []))]);

    /// <summary>Prints lines, a few for each encoding.</summary>
    public void Write()
    {
        Terminal.WriteResult("Of the attention: NAME counts tokens; bipe_NAME counts segments, with a learned embedding inside them; bipe_NAME+OTHER has another inside.");
        Write("position.attention", Attention);
        Terminal.WriteResult("Of the embedding: inside segments after the + of a bilevel name; all but none also alone, over tokens.");
        Write("position.embedding", Embedding);
    }

    private static void Write(string section, IReadOnlyList<Entry> entries)
    {
        foreach (Entry entry in entries)
        {
            Terminal.WriteResult($"  {entry.Name}: {entry.Summary} ({entry.Paper})");
            foreach (EncodingOption option in entry.Options)
            {
                Terminal.WriteResult($"    {section}.{option.Name}: {option.Meaning}; {option.Range} [default: {option.DefaultText}]");
            }

            if (entry.ModelKeys.Count > 0)
            {
                Terminal.WriteResult($"    also reads {string.Join(", ", entry.ModelKeys)}");
            }
        }
    }

    /// <summary>One encoding.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Summary">What it does.</param>
    /// <param name="Paper">Where it is from.</param>
    /// <param name="Options">What its section of a configuration takes.</param>
    /// <param name="ModelKeys">Keys of the configuration itself that it reads.</param>
    internal sealed record Entry(
        string Name, string Summary, string Paper, IReadOnlyList<EncodingOption> Options, IReadOnlyList<string> ModelKeys)
    {
        public static Entry Of(PositionEncodingKind kind, IReadOnlyList<string> modelKeys) => new(kind.Name, kind.Summary, kind.Paper, kind.Options, modelKeys);
    }
}

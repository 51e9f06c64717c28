using BiPE.Core.Data;
using BiPE.Core.Model;

namespace BiPE.Cli.Benchmark;

/// <summary>Tokens without meaning, with segments about as long as sentences are.</summary>
internal static class RandomText
{
    private const int MeanSegment = 24;
    private const int DefaultSeparator = 13;

    /// <summary>More than most measurements read, and little memory.</summary>
    private const int MostDrawn = 1 << 22;

    /// <summary>Tokens of any number: beyond some millions they come round again, which saves memory and changes no speed.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="count">How many.</param>
    public static ITokenSource Source(ModelConfig config, long count) =>
        new RepeatedTokens(Tokens(config, (int)Math.Min(count, MostDrawn)), count);

    /// <summary>Draws tokens.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="count">How many.</param>
    public static int[] Tokens(ModelConfig config, int count)
    {
        int separator = Math.Min(config.Segmenter?.Tokens is { Count: > 0 } known ? known[0] : DefaultSeparator, config.VocabularySize - 1);
        var random = new Random(1);
        var tokens = new int[count];
        for (int i = 0; i < count; i++)
        {
            tokens[i] = random.Next(MeanSegment) == 0 ? separator : random.Next(config.VocabularySize);
        }

        return tokens;
    }
}

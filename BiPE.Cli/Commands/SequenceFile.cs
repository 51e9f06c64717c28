using System.Text;
using System.Text.Json;
using BiPE.Core;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary>Reads the token sequences that <c>bipe score</c> scores.</summary>
internal static class SequenceFile
{
    /// <summary>Reads a JSON array of arrays of token ids.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BipeException">It cannot be read, or is something else.</exception>
    public static IReadOnlyList<int[]> ReadIds(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            int[]?[]? sequences = JsonSerializer.Deserialize<int[]?[]>(stream);
            return sequences is { Length: > 0 } && !sequences.Contains(null)
                ? [.. sequences.OfType<int[]>()]
                : throw new BipeException($"'{path}' holds no sequence, or null for one; it must be a JSON array of arrays of token ids, as [[1, 15043], [1, 3186]].");
        }
        catch (JsonException e)
        {
            throw new BipeException($"'{path}' is no JSON array of arrays of token ids, as [[1, 15043], [1, 3186]]: look at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read '{path}': {e.Message}", e);
        }
    }

    /// <summary>Tokenizes a text file; the begin-of-sentence token comes first.</summary>
    /// <param name="path">The file, UTF-8.</param>
    /// <param name="tokenizer">Makes the ids.</param>
    /// <exception cref="BipeException">It cannot be read, or is no UTF-8 text.</exception>
    public static int[] ReadText(string path, ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        try
        {
            string text = File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
            var ids = new List<int> { tokenizer.BeginOfSentence };
            tokenizer.Encode(text, ids);
            return [.. ids];
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

    /// <summary>Refuses ids that a model does not have.</summary>
    /// <param name="sequences">The sequences.</param>
    /// <param name="vocabularySize">Number of ids of the model.</param>
    /// <exception cref="BipeException">An id is outside the vocabulary.</exception>
    public static void RequireVocabulary(IReadOnlyList<int[]> sequences, int vocabularySize)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        foreach ((int number, int[] sequence) in sequences.Index())
        {
            int bad = sequence.AsSpan().IndexOfAnyExceptInRange(0, vocabularySize - 1);
            if (bad >= 0)
            {
                throw new BipeException($"Token {bad + 1} of sequence {number + 1} is {sequence[bad]}, but the model's vocabulary is 0 .. {vocabularySize - 1}; check that ids and model belong together.");
            }
        }
    }
}

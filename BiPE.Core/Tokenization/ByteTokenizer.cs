using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace BiPE.Core.Tokenization;

/// <summary>
/// UTF-8 bytes as tokens: ids 0 to 255 are the bytes, 256 begins and 257 ends a sentence, 258 to 263 are reserved so that
/// the vocabulary is a multiple of 8. Needs no files and knows every text.
/// </summary>
public sealed class ByteTokenizer : IDivisibleTokenizer
{
    private const int ByteCount = 256;
    private const int VocabularyRows = 264;
    private const string Description = "BiPE byte tokenizer: 0-255 UTF-8 bytes, 256 <s>, 257 </s>, 264 ids, <s> first";

    /// <inheritdoc/>
    public string Kind => "bytes";

    /// <inheritdoc/>
    public int VocabularySize => VocabularyRows;

    /// <inheritdoc/>
    public int BeginOfSentence => ByteCount;

    /// <inheritdoc/>
    public int EndOfSentence => ByteCount + 1;

    /// <inheritdoc/>
    public bool AddsBeginOfSentence => true;

    /// <inheritdoc/>
    public string Fingerprint { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Description)));

    /// <inheritdoc/>
    /// <remarks>A lone surrogate, which UTF-8 cannot hold, becomes the bytes of U+FFFD.</remarks>
    public void Encode(ReadOnlySpan<char> text, List<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        Span<byte> buffer = stackalloc byte[1024];
        Encoder encoder = Encoding.UTF8.GetEncoder();
        bool completed;
        do
        {
            encoder.Convert(text, buffer, flush: true, out int charsUsed, out int bytesUsed, out completed);
            text = text[charsUsed..];
            int start = ids.Count;
            CollectionsMarshal.SetCount(ids, start + bytesUsed);
            Span<int> destination = CollectionsMarshal.AsSpan(ids)[start..];
            for (int i = 0; i < bytesUsed; i++)
            {
                destination[i] = buffer[i];
            }
        }
        while (!completed);
    }

    /// <inheritdoc/>
    public int FindCut(ReadOnlySpan<char> text, int near)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(near);
        bool isInsidePair = near < text.Length && char.IsSurrogatePair(text[near - 1], text[near]);
        return Math.Min(text.Length, isInsidePair ? near + 1 : near);
    }

    /// <inheritdoc/>
    public void EncodeAfterCut(ReadOnlySpan<char> text, List<int> ids) => Encode(text, ids);

    /// <inheritdoc/>
    /// <remarks>Bytes that are no valid UTF-8 become U+FFFD, as .NET's decoder writes them. Reserved ids give nothing.</remarks>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new byte[ids.Length];
        int count = 0;
        foreach (int id in ids)
        {
            ThrowIfOutside(id, nameof(ids));
            if (id < ByteCount)
            {
                bytes[count++] = (byte)id;
            }
        }

        return Encoding.UTF8.GetString(bytes, 0, count);
    }

    /// <inheritdoc/>
    public string Piece(int id)
    {
        ThrowIfOutside(id, nameof(id));
        return id switch
        {
            < ByteCount => $"<0x{id:X2}>",
            ByteCount => "<s>",
            ByteCount + 1 => "</s>",
            _ => $"<reserved{id}>",
        };
    }

    private static void ThrowIfOutside(int id, string parameter)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id, parameter);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, VocabularyRows, parameter);
    }
}

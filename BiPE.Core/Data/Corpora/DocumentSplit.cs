using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace BiPE.Core.Data.Corpora;

/// <summary>
/// One part of a corpus that is split into three. A seeded hash (XXH3, 64 bits) of a document's text alone decides where it
/// belongs: equal texts are in the same part, whatever file, order or number of threads they are read with.
/// </summary>
public sealed class DocumentSplit
{
    private readonly UInt128 _trainEnd;
    private readonly UInt128 _validationEnd;

    /// <summary>Describes a split and the part to take.</summary>
    /// <param name="part">The part.</param>
    /// <param name="train">Share of the documents that are for training, 0 to 1.</param>
    /// <param name="validation">Share that is for validation.</param>
    /// <param name="test">Share that is for testing; the three make 1.</param>
    /// <param name="seed">Decides which documents.</param>
    /// <exception cref="BipeException">The shares are not of 0 to 1, do not make 1, or leave the part nothing.</exception>
    public DocumentSplit(SplitPart part, decimal train, decimal validation, decimal test, ulong seed)
    {
        decimal[] shares = [train, validation, test];
        if (shares.Min() < 0 || shares.Sum() != 1)
        {
            throw new BipeException(FormattableString.Invariant(
                $"The shares of the split are {train}, {validation} and {test}, which make {shares.Sum()}; give three of 0 to 1 that make 1, such as 0.98,0.01,0.01."));
        }

        if (shares[(int)part] == 0)
        {
            throw new BipeException($"The {part.ToString().ToLowerInvariant()} split has a share of 0, so it has no documents; give it a share, or take another part.");
        }

        Part = part;
        Seed = seed;
        _trainEnd = End(train);
        _validationEnd = End(train + validation);
    }

    /// <summary>The part that is taken.</summary>
    public SplitPart Part { get; }

    /// <summary>Decides which documents are in it.</summary>
    public ulong Seed { get; }

    /// <summary>The part that a text belongs to.</summary>
    /// <param name="text">The whole text of a document.</param>
    public SplitPart PartOf(ReadOnlySpan<char> text)
    {
        UInt128 hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text), (long)Seed);
        return hash < _trainEnd ? SplitPart.Train : hash < _validationEnd ? SplitPart.Validation : SplitPart.Test;
    }

    /// <summary>Whether a text belongs to the part that is taken.</summary>
    /// <param name="text">The whole text of a document.</param>
    public bool Takes(ReadOnlySpan<char> text) => PartOf(text) == Part;

    /// <summary>First hash beyond a share of all.</summary>
    private static UInt128 End(decimal share) => (UInt128)(share * (1m + ulong.MaxValue));
}

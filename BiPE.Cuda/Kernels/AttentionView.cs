using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>
/// What the softmax of a block of attention scores needs to know: which queries and keys the block is made of, the bias, the
/// documents. A block holds, for each head, some consecutive queries of one batch row and all keys that the last of them sees.
/// </summary>
internal struct AttentionView
{
    /// <summary>No bias.</summary>
    public const int NoBias = -1;

    /// <summary>Bias table: slopes <c>[heads]</c>, or <c>[heads, distances]</c>, or <c>[heads, positions, positions]</c>.</summary>
    public ArrayView<float> BiasTable;

    /// <summary>Positions of the batch row's keys, if there is a bias.</summary>
    public ArrayView<int> Positions;

    /// <summary>First key of each key's document, if there are documents.</summary>
    public ArrayView<int> FirstKeys;

    /// <summary>Value of AttentionBiasKind, or <see cref="NoBias"/>.</summary>
    public int BiasKind;

    /// <summary>Extent of the bias table's last axis.</summary>
    public int BiasExtent;

    /// <summary>Whether there are documents.</summary>
    public int HasDocuments;

    /// <summary>First query of the block.</summary>
    public int FirstQuery;

    /// <summary>Queries of the block.</summary>
    public int Queries;

    /// <summary>Keys of the block.</summary>
    public int Keys;

    /// <summary>Keys before the first query's own: the cached ones.</summary>
    public int EarlierKeys;

    /// <summary>Heads.</summary>
    public int Heads;

    /// <summary>Elements from one row of scores to the next, a multiple of an octet.</summary>
    public int Stride;

    /// <summary>One more than the last key that a query of the block sees.</summary>
    public readonly int EndKey(int query) => FirstQuery + query + EarlierKeys + 1;

    /// <summary>First key that a query of the block sees.</summary>
    public readonly int FirstKey(int query) => HasDocuments != 0 ? FirstKeys[EndKey(query) - 1] : 0;

    /// <summary>Where the row of scores of a query of the block starts.</summary>
    public readonly long StartOf(int head, int query) => (((long)head * Queries) + query) * Stride;

    /// <summary>Eight biased scores from a key on; minus infinity where the query does not see the key.</summary>
    /// <param name="scores">Scores as the product wrote them.</param>
    /// <param name="head">Head.</param>
    /// <param name="query">Query of the block.</param>
    /// <param name="key">First key, a multiple of eight.</param>
    /// <param name="position">The query's position, if there is a bias.</param>
    /// <param name="first">First key that the query sees.</param>
    /// <param name="end">One more than the last.</param>
    public readonly Octet Biased(Octet scores, int head, int query, int key, int position, int first, int end) => new(
        Biased(scores.A, head, key, position, first, end), Biased(scores.B, head, key + 1, position, first, end),
        Biased(scores.C, head, key + 2, position, first, end), Biased(scores.D, head, key + 3, position, first, end),
        Biased(scores.E, head, key + 4, position, first, end), Biased(scores.F, head, key + 5, position, first, end),
        Biased(scores.G, head, key + 6, position, first, end), Biased(scores.H, head, key + 7, position, first, end));

    private readonly float Biased(float score, int head, int key, int position, int first, int end)
    {
        if (key < first || key >= end)
        {
            return float.NegativeInfinity;
        }

        return BiasKind == NoBias ? score : score + Bias(head, position, Positions[key]);
    }

    /// <summary>Bias relative to the query; NaN where positions lie outside of the table.</summary>
    private readonly float Bias(int head, int query, int key)
    {
        if (BiasKind == 0)
        {
            return BiasTable[head] * (key - query);
        }

        int row = BiasKind == 1 ? 0 : query;
        int column = BiasKind == 1 ? query - key : key;
        if ((uint)column >= (uint)BiasExtent || (uint)row >= (uint)BiasExtent)
        {
            return float.NaN;
        }

        long rows = BiasKind == 1 ? 1 : BiasExtent;
        return BiasTable[(((head * rows) + row) * BiasExtent) + column];
    }
}

namespace BiPE.Core.Data;

/// <summary>
/// Training blocks of several streams of tokens in fixed shares. Blocks come in rounds of as many as the weights add up to, in
/// which every stream has exactly as many as its weight, in an order shuffled anew each round. Each stream is read in its own
/// shuffled order, epoch after epoch, whatever the others do. Everything is computed from the index: there is no state, and
/// training resumes anywhere. Safe to call from several threads if the sources are.
/// </summary>
public sealed class BlockMixture
{
    /// <summary>Keeps the order of streams apart from the orders of blocks, which have the same seed.</summary>
    private const ulong OrderOfStreams = 0x6D69785F626C6B73;

    private const ulong BetweenStreams = 0x9E3779B97F4A7C15;

    private readonly BlockSampler[] _samplers;
    private readonly long[] _weights;
    private readonly long _round;
    private readonly ulong _seed;

    /// <summary>Creates a mixture; of a single stream, its blocks in the order of a <see cref="BlockSampler"/>.</summary>
    /// <param name="sources">The streams, at least one.</param>
    /// <param name="weights">
    /// Blocks of each stream in a round, positive: only their ratios count. Null for the numbers of their blocks, so that a round is
    /// one epoch of all.
    /// </param>
    /// <param name="blockLength">Tokens of a block.</param>
    /// <param name="seed">Decides all orders.</param>
    /// <exception cref="ArgumentException">There is no stream, or not a positive weight for each.</exception>
    /// <exception cref="BipeException">A stream has fewer tokens than one block.</exception>
    public BlockMixture(IReadOnlyList<ITokenSource> sources, IReadOnlyList<long>? weights, int blockLength, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (sources.Count == 0 || (weights is not null && (weights.Count != sources.Count || weights.Any(weight => weight <= 0))))
        {
            throw new ArgumentException($"There are {sources.Count} streams and {weights?.Count ?? 0} weights; each stream needs a positive one.", nameof(weights));
        }

        _seed = seed;
        _samplers = [.. sources.Select((source, number) => new BlockSampler(source, blockLength, unchecked(seed + ((ulong)number * BetweenStreams))))];
        _weights = [.. weights ?? [.. _samplers.Select(sampler => sampler.BlockCount)]];
        long divisor = _weights.Aggregate(Divisor);
        _weights = [.. _weights.Select(weight => weight / divisor)];
        _round = checked(_weights.Sum());
    }

    /// <summary>Tokens of a block.</summary>
    public int BlockLength => _samplers[0].BlockLength;

    /// <summary>Share of all blocks that a stream gives, above 0 to 1.</summary>
    /// <param name="source">Number of the stream.</param>
    public double ShareOf(int source) => (double)_weights[source] / _round;

    /// <summary>Blocks of a stream's epoch.</summary>
    /// <param name="source">Number of the stream.</param>
    public long BlockCountOf(int source) => _samplers[source].BlockCount;

    /// <summary>Which block stands at a place of the order.</summary>
    /// <param name="index">Place, from 0 without end.</param>
    /// <returns>Number of the stream, and place in that stream's own order (<see cref="BlockSampler.BlockAt"/>).</returns>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public (int Source, long Index) PickAt(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var (round, place) = Math.DivRem(index, _round);
        long rest = new BlockPermutation(_round, _seed ^ OrderOfStreams, round)[place];
        int source = 0;
        while (rest >= _weights[source])
        {
            rest -= _weights[source++];
        }

        return (source, (round * _weights[source]) + rest);
    }

    /// <summary>Reads the block at a place of the order.</summary>
    /// <param name="index">Place, as in <see cref="PickAt"/>.</param>
    /// <param name="destination">Receives the tokens, <see cref="BlockLength"/> of them.</param>
    /// <param name="documents">Receives the number of each token's document, counted from 0 in the block; empty if they are not wanted.</param>
    /// <returns>Number of the stream that the block is of.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    /// <exception cref="ArgumentException">A destination has another length than a block.</exception>
    /// <exception cref="InvalidOperationException">Documents are wanted of a stream that does not know them.</exception>
    public int ReadBlock(long index, Span<int> destination, Span<int> documents = default)
    {
        (int source, long place) = PickAt(index);
        if (documents.IsEmpty)
        {
            _samplers[source].ReadBlock(place, destination);
        }
        else
        {
            _samplers[source].ReadBlock(place, destination, documents);
        }

        return source;
    }

    /// <summary>Whole numbers in the same ratios.</summary>
    /// <param name="weights">Positive numbers of any size.</param>
    /// <exception cref="BipeException">One is not positive, or their ratios need more than 64 bits.</exception>
    public static IReadOnlyList<long> WholeWeights(IReadOnlyList<decimal> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        foreach (decimal weight in weights)
        {
            if (weight <= 0)
            {
                throw new BipeException(FormattableString.Invariant($"A weight is {weight}; weights are positive, and a corpus without one is left out."));
            }
        }

        try
        {
            decimal factor = weights.Max(weight => PowerOfTen(weight.Scale));
            decimal[] whole = [.. weights.Select(weight => weight * factor)];
            _ = checked((long)whole.Sum());
            return [.. whole.Select(weight => (long)weight)];
        }
        catch (OverflowException e)
        {
            throw new BipeException($"The weights {string.Join(", ", weights.Select(weight => FormattableString.Invariant($"{weight}")))} have too many digits; round them.", e);
        }
    }

    private static decimal PowerOfTen(int exponent) => exponent == 0 ? 1 : 10 * PowerOfTen(exponent - 1);

    private static long Divisor(long first, long second) => second == 0 ? first : Divisor(second, first % second);
}

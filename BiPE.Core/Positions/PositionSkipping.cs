using BiPE.Core.Randomness;

namespace BiPE.Core.Positions;

/// <summary>
/// Positional skip-wise training (PoSE: Zhu et al. 2023, arXiv 2309.10400, with its N = 2 chunks): a block of n positions is
/// cut in two at a random place, and a random number from 0 to L - n is added to the positions behind the cut. So blocks of n show a
/// model every distance below L. Tokens stay as they are, the paper's continuous content. Over segments, the cut is between two of
/// them, and n is the number that the block has; a block of one segment, or of L and more, is left alone. Packed
/// documents are cut each for itself.
/// </summary>
/// <param name="over">Stream whose ids skip: tokens, or segments of a bilevel model.</param>
/// <param name="targetLength">L, number of positions the model is to learn.</param>
/// <param name="seed">The run's seed; the numbers depend on it and on the block's place in the run alone.</param>
public sealed class PositionSkipping(PositionStream over, int targetLength, ulong seed)
{
    /// <summary>Ids of a batch of blocks with their skips.</summary>
    /// <param name="plain">Ids without skips.</param>
    /// <param name="firstBlock">Number of the batch's first block in the run.</param>
    public PositionStreams Apply(PositionStreams plain, long firstBlock)
    {
        ArgumentNullException.ThrowIfNull(plain);
        int[] ids = plain[over].ToArray();
        for (int row = 0; row < plain.Batch; row++)
        {
            Span<int> line = ids.AsSpan(row * plain.Time, plain.Time);
            var random = new PhiloxRandomSource(seed, Philox.Stream("position skipping", firstBlock + row));
            foreach (Range document in PositionStreams.RisingParts(line))
            {
                Skip(line[document], random);
            }
        }

        return plain.With(over, ids);
    }

    private void Skip(Span<int> ids, PhiloxRandomSource random)
    {
        int positions = ids[^1] + 1;
        if (positions < 2 || positions >= targetLength)
        {
            return;
        }

        int cut = random.Next(1, positions);
        int skip = random.Next(0, targetLength - positions + 1);
        foreach (ref int id in ids)
        {
            id += id >= cut ? skip : 0;
        }
    }
}

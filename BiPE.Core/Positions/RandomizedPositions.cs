using BiPE.Core.Randomness;

namespace BiPE.Core.Positions;

/// <summary>
/// Randomized positions (Ruoss et al. 2023, arXiv 2305.16843, section 3): in training, the n positions of a block are a sorted random sample
/// of 0 .. L - 1, so that a model sees numbers and distances as large as those of longer texts. Here every block has a sample of its own, of
/// packed documents each one, and evaluation keeps plain positions, where the paper draws there too.
/// </summary>
/// <param name="over">Stream whose ids are drawn.</param>
/// <param name="length">L, number of positions to draw from.</param>
public sealed class RandomizedPositions(PositionStream over, int length) : IPositionTransform
{
    private static readonly EncodingOption Length = new("positions", null, 2, 1 << 24, "positions that training draws from, at least those of a block")
    {
        IsInteger = true,
        DefaultText = "4 train_scale",
    };

    /// <summary>Description of rope with randomized positions.</summary>
    public static AttentionEncodingKind Rope { get; } = Randomized(Attention.Rope.Kind);

    /// <summary>Description of ALiBi with randomized positions.</summary>
    public static AttentionEncodingKind Alibi { get; } = Randomized(Attention.Alibi.Kind);

    /// <inheritdoc/>
    public PositionStreams Apply(PositionStreams plain, ulong seed, long firstBlock)
    {
        ArgumentNullException.ThrowIfNull(plain);
        int[] ids = plain[over].ToArray();
        for (int row = 0; row < plain.Batch; row++)
        {
            Span<int> line = ids.AsSpan(row * plain.Time, plain.Time);
            var random = new PhiloxRandomSource(seed, Philox.Stream("randomized positions", firstBlock + row));
            foreach (Range document in PositionStreams.RisingParts(line))
            {
                Span<int> part = line[document];
                int[] sample = Sample(part[^1] + 1, random);
                foreach (ref int id in part)
                {
                    id = sample[id];
                }
            }
        }

        return plain.With(over, ids);
    }

    /// <summary>Distinct numbers below the length, ascending, every set as likely as the others (Knuth, volume 2, algorithm 3.4.2 S).</summary>
    private int[] Sample(int count, PhiloxRandomSource random)
    {
        if (count > length)
        {
            throw new BipeException(
                $"A block has {count} positions, but position.attention.positions lets training draw from {length} only; raise it.");
        }

        var sample = new int[count];
        int taken = 0;
        for (int number = 0; taken < count; number++)
        {
            if (random.Next(0, length - number) < count - taken)
            {
                sample[taken++] = number;
            }
        }

        return sample;
    }

    private static AttentionEncodingKind Randomized(AttentionEncodingKind plain) => plain with
    {
        Name = $"randomized_{plain.Name}",
        Summary = $"{plain.Name} whose positions in training are a random sample of more",
        Paper = "Ruoss et al. 2023, arXiv 2305.16843",
        Options = [.. plain.Options, Length],
        CreateTransform = context => new RandomizedPositions(context.Over, context.IntegerOr(Length.Name, 4 * context.Config.TrainScale)),
    };
}

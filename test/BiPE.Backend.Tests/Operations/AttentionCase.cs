using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

/// <summary>Extents and bias of one attention, and the operands that go with them.</summary>
internal sealed record AttentionCase(int Queries, int HeadDimension)
{
    /// <summary>A rounding to bfloat16 in roundings to float32.</summary>
    private const double BFloat16Rounding = 1 << 16;

    public int Batch { get; init; } = 1;

    /// <summary>Keys beyond the queries, cached before; packed if there are none and <see cref="IsCached"/> is not set.</summary>
    public int EarlierKeys { get; init; }

    public bool IsCached { get; init; }

    public int Heads { get; init; } = 2;

    public int KeyValueHeads { get; init; } = 2;

    public AttentionBiasKind? Bias { get; init; }

    /// <summary>Factor of the bias; 96 is what bilevel ALiBi multiplies its slopes by.</summary>
    public double BiasScale { get; init; } = 1;

    /// <summary>Probability that a token opens another segment.</summary>
    public double SegmentRate { get; init; } = 0.3;

    public bool HasDocuments { get; init; }

    /// <summary>Whether positions begin again with each document.</summary>
    public bool Restarts { get; init; }

    private int Keys => Queries + EarlierKeys;

    private int PackedHeads => Heads + (2 * KeyValueHeads);

    /// <summary>
    /// Products over a head, an exponential of a score that is up to twenty below the maximum before it stops to matter, and an
    /// average of values.
    /// </summary>
    public Tolerance OutputTolerance => new(48 + (4 * Math.Sqrt(HeadDimension)), 2);

    /// <summary>As for the output, summed over up to all queries of the heads that share a key.</summary>
    public Tolerance GradientTolerance => new(
        64 + (4 * Math.Sqrt(HeadDimension)), 4 + Math.Sqrt((double)Queries * Heads / KeyValueHeads));

    /// <summary>Score gradients, of the size of a product over a head, summed over all pairs that meet in one element.</summary>
    public Tolerance TableTolerance => new(64 + (4 * Math.Sqrt(HeadDimension)), Math.Sqrt(HeadDimension * (1 + ((double)Batch * Queries))));

    public AttentionArguments Arguments(Bench bench)
    {
        double scale = 1 / Math.Sqrt(HeadDimension);
        int[]? numbers = HasDocuments && Restarts ? Ascending(bench, 0.1) : null;
        AttentionBias? bias = Bias is { } kind ? MakeBias(bench, kind, numbers) : null;
        Tensor? documents = HasDocuments ? bench.Integers(new(Batch, Keys), numbers ?? Ascending(bench, 0.1)) : null;
        AttentionArguments arguments = IsCached || EarlierKeys > 0
            ? AttentionArguments.FromCache(
                bench.Activation(new(Batch, Queries, Heads, HeadDimension)), bench.Activation(new(Batch, Keys, KeyValueHeads, HeadDimension)),
                bench.Activation(new(Batch, Keys, KeyValueHeads, HeadDimension)), scale)
            : AttentionArguments.FromPacked(
                bench.Activation(new(Batch, Queries, PackedHeads, HeadDimension)), Heads, KeyValueHeads, scale);
        return arguments with { Bias = bias, Documents = documents };
    }

    public (Tensor Output, Tensor LogSumExp) RunForward(Bench bench, AttentionArguments arguments)
    {
        Tensor output = bench.Destination(new(Batch, Queries, Heads, HeadDimension));
        Tensor logSumExp = bench.StatisticDestination(new(Batch, Heads, Queries));
        bench.Backend.Attention(output, logSumExp, arguments);
        bench.Expect("output", output, OutputTolerance);
        bench.Expect("log-sum-exp", logSumExp, new Tolerance(OutputTolerance.Roundings, 8));
        return (output, logSumExp);
    }

    public void RunBackward(Bench bench, WriteMode packedMode, WriteMode tableMode)
    {
        AttentionArguments arguments = Arguments(bench);
        (Tensor output, Tensor logSumExp) = RunForward(bench, arguments);
        Tensor gradient = bench.Activation(output.Shape);
        Tensor packed = bench.Destination(arguments.Query.Shape, packedMode);
        Tensor? table = Bias is AttentionBiasKind.PerDistance or AttentionBiasKind.PerPair
            ? bench.StatisticDestination(arguments.Bias!.Table.Shape, tableMode)
            : null;
        bench.Backend.AttentionBackward(new(packed, packedMode, table, tableMode), gradient, output, logSumExp, arguments);
        bench.Expect("gradient of queries, keys and values", packed, GradientTolerance);
        if (table is not null)
        {
            // It depends on the output as that was rounded.
            bool narrow = bench.Backend.Info.ActivationType == ElementType.BFloat16;
            bench.Expect("gradient of the table", table, narrow ? TableTolerance with { Roundings = 4 * BFloat16Rounding } : TableTolerance);
        }
    }

    private AttentionBias MakeBias(Bench bench, AttentionBiasKind kind, int[]? documents)
    {
        int[] positions = Ascending(bench, SegmentRate);
        int start = 0;
        for (int i = 0; i < documents?.Length; i++)
        {
            bool begins = i % Keys == 0 || documents[i] != documents[i - 1];
            start = begins ? positions[i] : start;
            positions[i] -= start;
        }

        int count = positions.Append(0).Max() + 1;
        Tensor table = kind switch
        {
            AttentionBiasKind.PerKey => bench.Statistic(new(Heads), [.. Enumerable.Range(0, Heads).Select(h => BiasScale * Math.ScaleB(1, -h - 1))]),
            AttentionBiasKind.PerDistance => bench.Statistic(new(Heads, count), BiasScale),
            _ => bench.Statistic(new(Heads, count, count), BiasScale),
        };
        return new AttentionBias(kind, table, bench.Integers(new(Batch, Keys), positions));
    }

    /// <summary>Numbers that go up by one at random places of each row, the first not always 0.</summary>
    private int[] Ascending(Bench bench, double rate)
    {
        var numbers = new int[Batch * Keys];
        for (int i = 0; i < numbers.Length; i++)
        {
            int before = i % Keys == 0 ? bench.Random.Next(3) : numbers[i - 1];
            numbers[i] = before + (bench.Random.NextDouble() < rate ? 1 : 0);
        }

        return numbers;
    }
}

using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark.Cases;

/// <summary>A model's attention with its gradient.</summary>
internal static class AttentionCases
{
    private const int SegmentLength = 24;

    /// <summary>All kinds of bias, and none.</summary>
    public static readonly IReadOnlyList<AttentionBiasKind?> AllKinds = [null, .. Enum.GetValues<AttentionBiasKind>().Cast<AttentionBiasKind?>()];

    /// <summary>Attention and its gradient.</summary>
    /// <param name="config">The model.</param>
    /// <param name="batch">Rows.</param>
    /// <param name="time">Tokens a row.</param>
    /// <param name="kinds">Kinds of bias, null for none.</param>
    public static IEnumerable<OperationCase> Of(ModelConfig config, int batch, int time, params IEnumerable<AttentionBiasKind?> kinds)
    {
        foreach (AttentionBiasKind? kind in kinds)
        {
            string suffix = $"{batch} x {time}, {Name(kind)}";
            yield return new OperationCase($"Attention {suffix}", OperationLimit.Peak, operands =>
            {
                AttentionArguments arguments = Arguments(operands, config, batch, time, kind);
                Tensor output = operands.Filled(0, batch, time, config.HeadCount, config.HeadDimension)[0];
                Tensor logSumExp = operands.Statistics(0, batch, config.HeadCount, time);
                return _ => operands.Backend.Attention(output, logSumExp, arguments);
            });
            yield return new OperationCase($"AttentionBackward {suffix}", OperationLimit.Peak, operands =>
            {
                AttentionArguments arguments = Arguments(operands, config, batch, time, kind);
                Tensor output = operands.Filled(0, batch, time, config.HeadCount, config.HeadDimension)[0];
                Tensor ofOutput = operands.Random(batch, time, config.HeadCount, config.HeadDimension)[0];
                Tensor logSumExp = operands.Statistics(0, batch, config.HeadCount, time);
                Tensor ofPacked = operands.Filled(0, batch, time, arguments.Query.Shape[2], config.HeadDimension)[0];
                Tensor? ofTable = arguments.Bias is { Kind: not AttentionBiasKind.PerKey } bias ? TableGradient(operands, bias.Table.Shape) : null;
                operands.Backend.Attention(output, logSumExp, arguments);
                return _ => operands.Backend.AttentionBackward(
                    new AttentionGradients(ofPacked, WriteMode.Overwrite, ofTable), ofOutput, output, logSumExp, arguments);
            });
        }
    }

    private static string Name(AttentionBiasKind? kind) => kind switch
    {
        null => "no bias",
        AttentionBiasKind.PerKey => "bias per key",
        AttentionBiasKind.PerDistance => "bias per distance",
        _ => "bias per pair",
    };

    private static AttentionArguments Arguments(OperandSets operands, ModelConfig config, int batch, int time, AttentionBiasKind? kind)
    {
        int heads = config.HeadCount;
        Tensor packed = operands.Random(batch, time, heads + (2 * config.KeyValueHeadCount), config.HeadDimension)[0];
        AttentionArguments plain = AttentionArguments.FromPacked(packed, heads, config.KeyValueHeadCount, 1 / Math.Sqrt(config.HeadDimension));

        // Per pair, positions are numbers of segments, since a table of all pairs of tokens would be larger than the scores.
        int length = kind == AttentionBiasKind.PerPair ? SegmentLength : 1;
        Tensor Positions() => operands.Integers([.. Enumerable.Range(0, batch * time).Select(i => i % time / length)], batch, time);
        int positions = ((time - 1) / length) + 1;
        return kind switch
        {
            null => plain,
            AttentionBiasKind.PerKey => plain with { Bias = new AttentionBias(kind.Value, operands.Statistics(0.1, heads), Positions()) },
            AttentionBiasKind.PerDistance => plain with { Bias = new AttentionBias(kind.Value, operands.Statistics(-0.1, heads, positions), Positions()) },
            _ => plain with { Bias = new AttentionBias(kind.Value, operands.Statistics(-0.1, heads, positions, positions), Positions()) },
        };
    }

    private static Tensor TableGradient(OperandSets operands, Shape table) =>
        table.Rank == 2 ? operands.Statistics(0, table[0], table[1]) : operands.Statistics(0, table[0], table[1], table[2]);
}

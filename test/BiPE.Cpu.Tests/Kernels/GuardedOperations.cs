using BiPE.Core.Tensors;

namespace BiPE.Cpu.Tests.Kernels;

/// <summary>One small run of every operation for a length that its innermost loops see; each returns what it wrote.</summary>
internal static class GuardedOperations
{
    public static IReadOnlyDictionary<string, Func<GuardedOperands, int, Tensor[]>> All { get; } =
        new Dictionary<string, Func<GuardedOperands, int, Tensor[]>>
        {
            ["Copy"] = (with, n) => Written(with.Empty(n), to => with.Backend.Copy(to, with.Values(n))),
            ["Fill"] = (with, n) => Written(with.Empty(n), to => with.Backend.Fill(to, 0.5)),
            ["Convert"] = Convert,
            ["MatMul"] = MatMul,
            ["FreezeFactor"] = (with, n) =>
            {
                Tensor factor = with.Values(n, 5);
                with.Backend.FreezeFactor(factor);
                return
                [
                    factor,
                    .. Written(with.Empty(3, n), to => with.Backend.MatMul(to, with.Values(3, 5), factor, new MatMulOptions { TransposeB = true })),
                ];
            },
            ["MatMul of bfloat16"] = (with, n) =>
            {
                Tensor factor = with.Narrow(n, 5);
                Tensor few = with.Empty(3, n);
                Tensor many = with.Empty(35, n);
                var options = new MatMulOptions { TransposeB = true };
                with.Backend.MatMul(few, with.Values(3, 5), factor, options);
                with.Backend.FreezeFactor(factor);
                with.Backend.MatMul(few, with.Values(3, 5), factor, options with { Mode = WriteMode.Accumulate });
                with.Backend.MatMul(many, with.Values(35, 5), factor, options);
                return [factor, few, many];
            },
            ["GatherRows of bfloat16"] = (with, n) =>
                Written(with.Values(4, n), to => with.Backend.GatherRows(to, with.Narrow(3, n), with.Integers(i => i % 3, 4), WriteMode.Accumulate)),
            ["BatchedMatMul"] = (with, n) =>
                Written(with.Empty(2, 5, n), to => with.Backend.BatchedMatMul(to, with.Values(2, 5, 3), with.Values(2, 3, n))),
            ["GatherRows"] = (with, n) =>
                Written(with.Values(4, n), to => with.Backend.GatherRows(to, with.Values(3, n), with.Integers(i => i % 3, 4), WriteMode.Accumulate)),
            ["ScatterAddRows"] = (with, n) => Written(
                with.Empty(3, n), to => with.Backend.ScatterAddRows(to, with.Values(4, n), with.Integers(i => i % 3, 4), 1, WriteMode.Overwrite)),
            ["RmsNorm"] = (with, n) =>
            {
                Tensor statistics = with.Empty(3);
                Tensor result = with.Empty(3, n);
                with.Backend.RmsNorm(result, statistics, with.Values(3, n), with.Values(n), 1e-6);
                return [result, statistics];
            },
            ["RmsNormBackward"] = (with, n) =>
            {
                Tensor source = with.Values(3, n);
                Tensor weight = with.Values(n);
                with.Backend.RmsNormBackward(
                    source, WriteMode.Accumulate, weight, WriteMode.Accumulate, with.Values(3, n), with.Values(3, n), with.Positive(3), with.Values(n));
                return [source, weight];
            },
            ["Rotate"] = (with, n) => Written(with.Values(1, 3, 2, 2 * n), to => with.Backend.Rotate(
                to, new RotateArguments(0, 2, with.Values(3, n), with.Values(3, n), with.Integers(i => 2 - i, 1, 3)))),
            ["SwiGlu"] = (with, n) => Written(with.Empty(3, n), to => with.Backend.SwiGlu(to, with.Values(3, 2 * n))),
            ["SwiGluBackward"] = (with, n) =>
                Written(with.Empty(3, 2 * n), to => with.Backend.SwiGluBackward(to, with.Values(3, n), with.Values(3, 2 * n))),
            ["Attention"] = Attention,
            ["AttentionBackward"] = AttentionBackward,
            ["CrossEntropy"] = (with, n) =>
            {
                Tensor logits = with.Values(3, n);
                Tensor losses = with.Empty(3);
                with.Backend.CrossEntropy(losses, logits, with.Integers(i => i == 1 ? -1 : n - 1, 3), new CrossEntropyOptions(-1, true));
                return [losses, logits];
            },
            ["Add"] = (with, n) => Written(with.Empty(n), to => with.Backend.Add(to, with.Values(n), with.Values(n))),
            ["Multiply"] = (with, n) =>
                Written(with.Values(n), to => with.Backend.Multiply(to, with.Values(n), with.Values(n), WriteMode.Accumulate)),
            ["AddScaled"] = (with, n) => Written(with.Values(n), to => with.Backend.AddScaled(to, with.Values(n), 0.5)),
            ["Scale"] = (with, n) => Written(with.Empty(n), to => with.Backend.Scale(to, with.Values(n), 0.5)),
            ["Unary"] = (with, n) =>
                [.. Enum.GetValues<UnaryKind>().SelectMany(kind => Written(with.Empty(n), to => with.Backend.Unary(to, with.Positive(n), kind)))],
            ["UnaryBackward"] = (with, n) => [.. Enum.GetValues<UnaryKind>().SelectMany(kind => Written(
                with.Values(n), to => with.Backend.UnaryBackward(to, with.Values(n), with.Positive(n), kind, WriteMode.Accumulate)))],
            ["SoftmaxRows"] = (with, n) => Written(with.Empty(2, n, n), to => with.Backend.SoftmaxRows(to, with.Values(2, n, n), causal: true)),
            ["SoftmaxRowsBackward"] = (with, n) => Written(
                with.Values(2, n), to => with.Backend.SoftmaxRowsBackward(to, with.Values(2, n), with.Positive(2, n), WriteMode.Accumulate)),
            ["CumulativeSum"] = (with, n) => Written(with.Empty(2, n), to => with.Backend.CumulativeSum(to, with.Values(2, n), fromEnd: true)),
            ["InterpolateRows"] = (with, n) => Written(
                with.Empty(2, n), to => with.Backend.InterpolateRows(to, with.Values(2, 5), with.Positive(2, n))),
            ["InterpolateRowsBackward"] = (with, n) =>
            {
                Tensor slopes = with.Empty(2, 5);
                return [.. Written(
                    with.Empty(2, n), to => with.Backend.InterpolateRowsBackward(slopes, to, with.Values(2, n), with.Values(2, 5), with.Positive(2, n))), slopes];
            },
            ["SumRows"] = (with, n) => Written(with.Values(n), to => with.Backend.SumRows(to, with.Values(3, n), WriteMode.Accumulate)),
            ["SumOfSquares"] = (with, n) => Written(with.Empty(1), to => with.Backend.SumOfSquares(to, [with.Values(n), with.Values(n + 1)])),
            ["AdamWStep"] = (with, n) =>
            {
                var tensors = new AdamWTensors(with.Values(n), with.Values(n), with.Values(n), with.Positive(n));
                with.Backend.AdamWStep(tensors, with.Positive(1), new AdamWOptions(3, 1e-2, 0.9, 0.999, 1e-8, 0.1, 0.5));
                return [tensors.Parameter, tensors.FirstMoment, tensors.SecondMoment];
            },
        };

    private static Tensor[] Written(Tensor destination, Action<Tensor> operation)
    {
        operation(destination);
        return [destination];
    }

    private static Tensor[] Convert(GuardedOperands with, int n)
    {
        Tensor narrow = with.Empty(ElementType.BFloat16, n);
        Tensor wide = with.Empty(n);
        with.Backend.Convert(narrow, with.Values(n));
        with.Backend.Convert(wide, narrow);
        return [wide];
    }

    private static Tensor[] MatMul(GuardedOperands with, int n)
    {
        var results = new List<Tensor>();
        foreach ((int rows, int inner) in new[] { (1, n), (n, 5), (19, n) })
        {
            for (int transposes = 0; transposes < 4; transposes++)
            {
                bool transposeA = transposes % 2 == 1;
                bool transposeB = transposes / 2 == 1;
                Tensor result = with.Values(rows, n + 1);
                with.Backend.MatMul(
                    result,
                    transposeA ? with.Values(inner, rows) : with.Values(rows, inner),
                    transposeB ? with.Values(n + 1, inner) : with.Values(inner, n + 1),
                    new MatMulOptions { TransposeA = transposeA, TransposeB = transposeB, Mode = WriteMode.Accumulate });
                results.Add(result);
            }
        }

        return [.. results];
    }

    private static Tensor[] Attention(GuardedOperands with, int n)
    {
        var results = new List<Tensor>();
        foreach ((int time, int size) in new[] { (n, 5), (7, n) })
        {
            foreach (AttentionArguments arguments in Arguments(with, time, size))
            {
                Tensor result = with.Empty(1, time, 2, size);
                Tensor logSumExp = with.Empty(1, 2, time);
                with.Backend.Attention(result, logSumExp, arguments);
                results.AddRange([result, logSumExp]);
            }
        }

        Tensor cached = with.Empty(1, 3, 2, n);
        Tensor statistics = with.Empty(1, 2, 3);
        with.Backend.Attention(
            cached, statistics, AttentionArguments.FromCache(with.Values(1, 3, 2, n), with.Values(1, n + 2, 1, n), with.Values(1, n + 2, 1, n), 0.3));
        return [.. results, cached, statistics];
    }

    private static Tensor[] AttentionBackward(GuardedOperands with, int n)
    {
        var results = new List<Tensor>();
        foreach ((int time, int size) in new[] { (n, 5), (7, n) })
        {
            foreach (AttentionArguments arguments in Arguments(with, time, size))
            {
                Tensor output = with.Empty(1, time, 2, size);
                Tensor logSumExp = with.Empty(1, 2, time);
                with.Backend.Attention(output, logSumExp, arguments);
                Tensor packed = with.Values(1, time, 4, size);
                Tensor? table = arguments.Bias is { Kind: not AttentionBiasKind.PerKey } bias
                    ? with.Values([.. Enumerable.Range(0, bias.Table.Shape.Rank).Select(axis => bias.Table.Shape[axis])])
                    : null;
                with.Backend.AttentionBackward(
                    new AttentionGradients(packed, WriteMode.Accumulate, table), with.Values(1, time, 2, size), output, logSumExp, arguments);
                results.AddRange(table is null ? [packed] : [packed, table]);
            }
        }

        return [.. results];
    }

    /// <summary>Packed attention with no bias and each kind of it; with documents where there is none.</summary>
    private static IEnumerable<AttentionArguments> Arguments(GuardedOperands with, int time, int size)
    {
        yield return AttentionArguments.FromPacked(with.Values(1, time, 4, size), 2, 1, 0.3) with
        {
            Documents = with.Integers(i => i / 5, 1, time),
        };
        Tensor positions = with.Integers(i => i / 2, 1, time);
        int extent = ((time - 1) / 2) + 1;
        foreach ((AttentionBiasKind kind, Tensor table) in new[]
        {
            (AttentionBiasKind.PerKey, with.Values(2)), (AttentionBiasKind.PerDistance, with.Values(2, extent)),
            (AttentionBiasKind.PerPair, with.Values(2, extent, extent)),
        })
        {
            yield return AttentionArguments.FromPacked(with.Values(1, time, 4, size), 2, 1, 0.3) with
            {
                Bias = new AttentionBias(kind, table, positions),
            };
        }
    }
}

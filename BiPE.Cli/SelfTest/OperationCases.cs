using BiPE.Core.Tensors;

namespace BiPE.Cli.SelfTest;

/// <summary>Every operation at a few sizes, whole vectors and tails, one block and several.</summary>
internal static class OperationCases
{
    /// <summary>Names and bodies.</summary>
    public static IEnumerable<(string Name, Action<OperandBench> Body)> All()
    {
        foreach ((int m, int n, int k) in new[] { (64, 128, 256), (33, 77, 129), (1, 200, 65) })
        {
            for (int form = 0; form < 8; form++)
            {
                var options = new MatMulOptions
                {
                    TransposeA = (form & 1) != 0, TransposeB = (form & 2) != 0, Mode = (WriteMode)(form >> 2), Alpha = 1 - (0.25 * form),
                };
                yield return ($"MatMul {m} x {n} x {k}, form {form}", bench => MatMul(bench, m, n, k, options));
                yield return ($"BatchedMatMul 3 x {m} x {n} x {k}, form {form}", bench => BatchedMatMul(bench, m, n, k, options));
            }
        }

        foreach (int rows in new[] { 1, 9, 70 })
        {
            yield return ($"matrices that evaluation reads, {rows} rows", bench => Matrices(bench, rows));
        }

        foreach (int columns in new[] { 64, 77, 768 })
        {
            yield return ($"rows of {columns}", bench => Rows(bench, columns));
            yield return ($"norm of {columns}", bench => Norm(bench, columns));
            yield return ($"gates of {columns}", bench => Gates(bench, columns));
            yield return ($"elements, {columns}", bench => Elements(bench, columns * 41));
            yield return ($"softmax of {columns}", bench => Softmax(bench, columns));
            yield return ($"cross entropy of {columns}", bench => CrossEntropy(bench, columns));
            yield return ($"optimizer, {columns}", bench => Optimizer(bench, columns * 17));
        }

        foreach (bool transposed in new[] { false, true })
        {
            yield return ($"Rotate, transposed {transposed}", bench => Rotate(bench, transposed));
        }

        foreach (AttentionBiasKind? kind in new AttentionBiasKind?[] { null, AttentionBiasKind.PerKey, AttentionBiasKind.PerDistance, AttentionBiasKind.PerPair })
        {
            yield return ($"Attention of 130, bias {kind}", bench => Attention(bench, 2, 130, 4, 2, 64, kind, hasDocuments: true));
            yield return ($"Attention of 600, bias {kind}", bench => Attention(bench, 1, 600, 2, 2, 32, kind, hasDocuments: false));
            yield return ($"Attention of 5 after 70, bias {kind}", bench => CachedAttention(bench, kind));
        }
    }

    private static void MatMul(OperandBench bench, int m, int n, int k, MatMulOptions options)
    {
        Tensor a = options.TransposeA ? bench.Activation(k, m) : bench.Activation(m, k);
        Tensor b = options.TransposeB ? bench.Activation(n, k) : bench.Activation(k, n);
        Tensor product = bench.Activation(m, n);
        Tensor gradient = bench.Statistic(m, n);
        bench.Backend.MatMul(product, a, b, options);
        bench.Backend.MatMul(gradient, a, b, options);
        bench.Expect("product", product);
        bench.Expect("product in float32", gradient);
    }

    private static void BatchedMatMul(OperandBench bench, int m, int n, int k, MatMulOptions options)
    {
        Tensor a = options.TransposeA ? bench.Activation(3, k, m) : bench.Activation(3, m, k);
        Tensor b = options.TransposeB ? bench.Activation(3, n, k) : bench.Activation(3, k, n);
        Tensor product = bench.Activation(3, m, n);
        bench.Backend.BatchedMatMul(product, a, b, options);
        bench.Expect("product", product);
    }

    private static void Matrices(OperandBench bench, int rows)
    {
        Tensor table = bench.Matrix(144, 200);
        Tensor gathered = bench.Activation(rows, 200);
        bench.Backend.GatherRows(gathered, table, bench.Integers(144, rows));
        Tensor product = bench.Activation(rows, 144);
        bench.Backend.FreezeFactor(table);
        bench.Backend.MatMul(product, gathered, table, new MatMulOptions { TransposeB = true });
        bench.Expect("gathered", gathered);
        bench.Expect("product", product);
    }

    private static void Rows(OperandBench bench, int columns)
    {
        Tensor table = bench.Activation(50, columns);
        Tensor ids = bench.Integers(50, 90);
        Tensor rows = bench.Activation(90, columns);
        bench.Backend.GatherRows(rows, table, ids);
        bench.Expect("gathered", rows);
        Tensor sums = bench.Statistic(50, columns);
        bench.Backend.ScatterAddRows(sums, rows, ids, 3, WriteMode.Overwrite);
        bench.Expect("scattered", sums);
        Tensor total = bench.Statistic(columns);
        bench.Backend.SumRows(total, rows, WriteMode.Accumulate);
        bench.Expect("summed", total);
    }

    private static void Norm(OperandBench bench, int columns)
    {
        Tensor source = bench.Activation(70, columns);
        Tensor weight = bench.Activation(columns);
        Tensor gradient = bench.Activation(70, columns);
        Tensor result = bench.Activation(70, columns);
        Tensor inverse = bench.Statistic(70);
        Tensor sourceGradient = bench.Activation(70, columns);
        Tensor weightGradient = bench.Statistic(columns);
        bench.Backend.RmsNorm(result, inverse, source, weight, 1e-5);
        bench.Backend.RmsNormBackward(sourceGradient, WriteMode.Accumulate, weightGradient, WriteMode.Overwrite, gradient, source, inverse, weight);
        bench.Expect("norm", result);
        bench.Expect("gradient of the source", sourceGradient);
        bench.Expect("gradient of the weight", weightGradient);
    }

    private static void Gates(OperandBench bench, int columns)
    {
        Tensor gateUp = bench.Activation(31, 2 * columns);
        Tensor gradient = bench.Activation(31, columns);
        Tensor result = bench.Activation(31, columns);
        bench.Backend.SwiGlu(result, gateUp);
        bench.Expect("result", result);
        bench.Backend.SwiGluBackward(gateUp, gradient, gateUp);
        bench.Expect("gradient", gateUp);
    }

    private static void Elements(OperandBench bench, int length)
    {
        Tensor a = bench.Activation(length);
        Tensor b = bench.Activation(length);
        Tensor sum = bench.Activation(length);
        Tensor product = bench.Activation(length);
        bench.Backend.Add(sum, a, b);
        bench.Backend.Multiply(product, a, b, WriteMode.Accumulate);
        bench.Backend.AddScaled(product, sum, -0.5);
        bench.Backend.Scale(sum, sum, 3);
        bench.Expect("sum", sum);
        bench.Expect("product", product);
        foreach (UnaryKind kind in Enum.GetValues<UnaryKind>().Where(kind => kind != UnaryKind.Log))
        {
            Tensor value = bench.Activation(length);
            Tensor gradient = bench.Activation(length);
            bench.Backend.UnaryBackward(gradient, gradient, value, kind);
            bench.Backend.Unary(value, value, kind);
            bench.Expect($"{kind}", value);
            bench.Expect($"gradient of {kind}", gradient);
        }
    }

    private static void Softmax(OperandBench bench, int columns)
    {
        Tensor scores = bench.Activation(2, 40, columns);
        Tensor gradient = bench.Activation(2, 40, columns);
        bench.Backend.SoftmaxRows(scores, scores, causal: true);
        bench.Expect("weights", scores);
        bench.Backend.SoftmaxRowsBackward(gradient, gradient, scores);
        bench.Expect("gradient", gradient);
        Tensor sums = bench.Activation(20, columns);
        bench.Backend.CumulativeSum(sums, sums, fromEnd: true);
        bench.Expect("running sums", sums);
        Tensor table = bench.Activation(20, 9);
        Tensor tableGradient = bench.Activation(20, 9);
        Tensor positions = bench.PositiveActivation(20, columns);
        Tensor slopes = bench.Activation(20, columns);
        bench.Backend.InterpolateRowsBackward(tableGradient, slopes, bench.Activation(20, columns), table, positions);
        bench.Expect("gradient of an interpolated table", tableGradient);
        bench.Expect("gradient of positions", slopes);
        bench.Backend.InterpolateRows(positions, table, positions);
        bench.Expect("interpolated rows", positions);
    }

    private static void CrossEntropy(OperandBench bench, int columns)
    {
        Tensor logits = bench.Activation(60, columns);
        Tensor labels = bench.Integers(columns, 60);
        Tensor losses = bench.Statistic(60);
        bench.Backend.CrossEntropy(losses, logits, labels, new CrossEntropyOptions(IgnoredLabel: 5, WritesGradient: true, 0.5));
        bench.Expect("losses", losses);
        bench.Expect("gradient", logits);
    }

    private static void Optimizer(OperandBench bench, int length)
    {
        var tensors = new AdamWTensors(bench.Statistic(length), bench.Statistic(length), bench.Statistic(length), bench.Positive(length), bench.Activation(length));
        Tensor sum = bench.Statistic(1);
        bench.Backend.SumOfSquares(sum, [tensors.Gradient, tensors.Parameter]);
        bench.Backend.AdamWStep(tensors, sum, new AdamWOptions(3, 1e-2, 0.9, 0.999, 1e-8, 0.1, MaximumGradientNorm: 1));
        bench.Expect("sum of squares", sum);
        bench.Expect("parameter", tensors.Parameter);
        bench.Expect("first moment", tensors.FirstMoment);
        bench.Expect("second moment", tensors.SecondMoment);
        bench.Expect("copy", tensors.ComputeCopy!);
    }

    private static void Rotate(OperandBench bench, bool transposed)
    {
        Tensor packed = bench.Activation(2, 30, 5, 64);
        var arguments = new RotateArguments(1, 3, bench.Statistic(20, 32), bench.Statistic(20, 32), bench.Integers(20, 2, 30), transposed);
        bench.Backend.Rotate(packed, arguments);
        bench.Expect("packed", packed);
    }

    private static void Attention(
        OperandBench bench, int batch, int time, int heads, int shared, int size, AttentionBiasKind? kind, bool hasDocuments)
    {
        AttentionArguments arguments = AttentionArguments.FromPacked(
            bench.Activation(batch, time, heads + (2 * shared), size), heads, shared, 1 / Math.Sqrt(size)) with
        {
            Bias = BiasOf(bench, kind, batch, time, heads),
            Documents = hasDocuments ? bench.Ascending(batch, time, 0.03) : null,
        };
        Tensor output = bench.Activation(batch, time, heads, size);
        Tensor logSumExp = bench.Statistic(batch, heads, time);
        Tensor gradient = bench.Activation(batch, time, heads, size);
        Tensor packedGradient = bench.Activation(batch, time, heads + (2 * shared), size);
        Tensor? table = kind is null or AttentionBiasKind.PerKey ? null : Table(bench, kind.Value, heads);
        bench.Backend.Attention(output, logSumExp, arguments);
        bench.Expect("output", output);
        bench.Expect("log-sum-exp", logSumExp);
        bench.Backend.AttentionBackward(
            new AttentionGradients(packedGradient, WriteMode.Accumulate, table), gradient, output, logSumExp, arguments);
        bench.Expect("gradient", packedGradient);
        if (table is not null)
        {
            bench.Expect("gradient of the bias", table);
        }
    }

    private static void CachedAttention(OperandBench bench, AttentionBiasKind? kind)
    {
        AttentionArguments arguments = AttentionArguments.FromCache(
            bench.Activation(2, 5, 4, 64), bench.Activation(2, 75, 2, 64), bench.Activation(2, 75, 2, 64), 0.125) with
        {
            Bias = BiasOf(bench, kind, 2, 75, 4),
        };
        Tensor output = bench.Activation(2, 5, 4, 64);
        Tensor logSumExp = bench.Statistic(2, 4, 5);
        bench.Backend.Attention(output, logSumExp, arguments);
        bench.Expect("output", output);
        bench.Expect("log-sum-exp", logSumExp);
    }

    private const int Positions = 40;

    private static AttentionBias? BiasOf(OperandBench bench, AttentionBiasKind? kind, int batch, int keys, int heads) => kind is { } known
        ? new AttentionBias(known, Table(bench, known, heads), bench.Ascending(batch, keys, Math.Min(0.2, 10.0 / keys)))
        : null;

    private static Tensor Table(OperandBench bench, AttentionBiasKind kind, int heads) => kind switch
    {
        AttentionBiasKind.PerKey => bench.Positive(heads),
        AttentionBiasKind.PerDistance => bench.Statistic(heads, Positions),
        _ => bench.Statistic(heads, Positions, Positions),
    };
}

using System.Numerics;
using BiPE.Core.Tensors;
using BiPE.Core.Tensors.Reference;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Reference;

/// <summary>The generic definitions in float32 against themselves in float64, on the same operands.</summary>
public sealed class PrecisionTests
{
    [Test]
    public void Attention([Values(null, AttentionBiasKind.PerKey, AttentionBiasKind.PerDistance, AttentionBiasKind.PerPair)] AttentionBiasKind? kind) =>
        Compare(new Tolerance(120, 12), AttentionResults<float>(kind), AttentionResults<double>(kind));

    [Test]
    public void RmsNorm() => Compare(new Tolerance(40, 2), NormResults<float>(), NormResults<double>());

    [Test]
    public void RowsAndGates() => Compare(new Tolerance(40, 6), RowResults<float>(), RowResults<double>());

    [Test]
    public void Products() => Compare(Tolerance.Sum(33), ProductResults<float>(), ProductResults<double>());

    [Test]
    public void Optimizer() => Compare(new Tolerance(16, 1), OptimizerResults<float>(), OptimizerResults<double>());

    private static double[] AttentionResults<T>(AttentionBiasKind? kind)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        const int Time = 19;
        int[] positions = [.. Enumerable.Range(0, 2 * Time).Select(i => i % Time / 3)];
        int tableLength = kind switch { AttentionBiasKind.PerKey => 4, AttentionBiasKind.PerDistance => 4 * 7, _ => 4 * 7 * 7 };
        var operands = new ReferenceAttention<T>
        {
            Batch = 2, QueryCount = Time, KeyCount = Time, HeadCount = 4, KeyValueHeadCount = 2, HeadDimension = 8,
            Scale = T.CreateChecked(0.25), Queries = Values<T>(2 * Time * 4 * 8, 1), Keys = Values<T>(2 * Time * 2 * 8, 2),
            Values = Values<T>(2 * Time * 2 * 8, 3), BiasKind = kind, BiasTable = Values<T>(tableLength, 4), Positions = positions,
        };
        T[] output = new T[operands.Queries.Length];
        T[] logSumExp = new T[2 * 4 * Time];
        ReferenceOperations<T>.Attention(output, logSumExp, operands);
        T[] queries = new T[operands.Queries.Length];
        T[] keys = new T[operands.Keys.Length];
        T[] values = new T[operands.Values.Length];
        T[] table = kind is null or AttentionBiasKind.PerKey ? [] : new T[tableLength];
        ReferenceOperations<T>.AttentionBackward(
            queries, keys, values, table, Values<T>(output.Length, 5), output, logSumExp, operands);
        return Wide<T>([.. output, .. logSumExp, .. queries, .. keys, .. values, .. table]);
    }

    private static double[] NormResults<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] source = Values<T>(5 * 33, 1);
        T[] weight = Values<T>(33, 2);
        T[] result = new T[source.Length];
        T[] inverse = new T[5];
        T[] sourceGradient = new T[source.Length];
        T[] weightGradient = new T[33];
        ReferenceOperations<T>.RmsNorm(result, inverse, source, weight, 1e-5);
        ReferenceOperations<T>.RmsNormBackward(
            sourceGradient, WriteMode.Overwrite, weightGradient, WriteMode.Overwrite, Values<T>(source.Length, 3), source, inverse, weight);
        return Wide<T>([.. result, .. inverse, .. sourceGradient, .. weightGradient]);
    }

    private static double[] RowResults<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] logits = Values<T>(6 * 20, 1);
        T[] weights = new T[logits.Length];
        T[] weightsGradient = new T[logits.Length];
        ReferenceOperations<T>.SoftmaxRows(weights, logits, 6, 20, causal: true);
        ReferenceOperations<T>.SoftmaxRowsBackward(weightsGradient, Values<T>(logits.Length, 2), weights, 20, WriteMode.Overwrite);
        T[] gated = new T[logits.Length / 2];
        T[] gatedGradient = new T[logits.Length];
        ReferenceOperations<T>.SwiGlu(gated, logits, 10);
        ReferenceOperations<T>.SwiGluBackward(gatedGradient, Values<T>(gated.Length, 3), logits, 10);
        T[] rotated = Values<T>(6 * 2 * 10, 4);
        ReferenceOperations<T>.Rotate(rotated, 2, 10, 0, 2, Values<T>(9, 5), Values<T>(9, 6), 3, [0, 1, 2, 2, 1, 0], transposed: false);
        T[] sums = new T[logits.Length];
        ReferenceOperations<T>.CumulativeSum(sums, logits, 20, fromEnd: false);
        T[] columns = new T[20];
        ReferenceOperations<T>.SumRows(columns, logits, WriteMode.Overwrite);
        T[] losses = new T[6];
        ReferenceOperations<T>.CrossEntropy(losses, logits, [0, 5, 19, 3, 3, 7], new CrossEntropyOptions(3, WritesGradient: true));
        return Wide<T>(
            [.. weights, .. weightsGradient, .. gated, .. gatedGradient, .. rotated, .. sums, .. columns, .. losses, .. logits]);
    }

    private static double[] ProductResults<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] product = new T[2 * 5 * 7];
        ReferenceOperations<T>.BatchedMatMul(
            product, Values<T>(2 * 5 * 33, 1), Values<T>(2 * 33 * 7, 2), 2, 5, 7, 33, new MatMulOptions { TransposeB = true, Alpha = 0.5 });
        return Wide<T>([.. product, ReferenceOperations<T>.SumOfSquares(Values<T>(33, 3))]);
    }

    private static double[] OptimizerResults<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] parameter = Values<T>(40, 1);
        T[] first = new T[40];
        T[] second = new T[40];
        for (int step = 1; step <= 5; step++)
        {
            T[] gradient = Values<T>(40, 1 + step);
            T clip = ReferenceOperations<T>.ClipFactor(ReferenceOperations<T>.SumOfSquares(gradient), 1);
            ReferenceOperations<T>.AdamWStep(parameter, gradient, first, second, clip, new AdamWOptions(step, 1e-2, 0.9, 0.999, 1e-8, 0.01, 1));
        }

        return Wide<T>([.. parameter, .. first, .. second]);
    }

    private static T[] Values<T>(int count, int seed)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => T.CreateChecked((float)((4 * random.NextDouble()) - 2)))];
    }

    private static double[] Wide<T>(T[] values)
        where T : unmanaged, IFloatingPointIeee754<T> => Array.ConvertAll(values, value => double.CreateChecked(value));

    private static void Compare(Tolerance tolerance, double[] narrow, double[] wide)
    {
        Assert.That(narrow, Has.Length.EqualTo(wide.Length));
        Assert.That(narrow, Is.Not.EqualTo(wide), "Float32 can't be as exact as float64.");
        for (int i = 0; i < wide.Length; i++)
        {
            Assert.That(narrow[i], Is.EqualTo(wide[i]).Within(tolerance.Bound(wide[i], ElementType.Float32)), $"element {i}");
        }
    }
}

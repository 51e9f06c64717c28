using System.Numerics;
using BiPE.Core.Tensors;
using BiPE.Core.Tensors.Reference;

namespace BiPE.Backend.Tests.Reference;

/// <summary>The definition of each operation against results worked out by hand, in both precisions.</summary>
[TestFixture(typeof(double), 1e-14)]
[TestFixture(typeof(float), 1e-6)]
public sealed class KnownResultTests<T>(double tolerance)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    [Test]
    public void MatMul()
    {
        T[] a = Of(1, 2, 3, 4, 5, 6);
        T[] aTransposed = Of(1, 4, 2, 5, 3, 6);
        T[] b = Of(7, 8, 9, 10, 11, 12);
        T[] bTransposed = Of(7, 9, 11, 8, 10, 12);
        for (int form = 0; form < 4; form++)
        {
            bool transposeA = form % 2 == 1;
            bool transposeB = form / 2 == 1;
            T[] result = Of(1, 1, 1, 1);
            ReferenceOperations<T>.MatMul(result, transposeA ? aTransposed : a, transposeB ? bTransposed : b, 2, 2, 3, new MatMulOptions
            {
                TransposeA = transposeA, TransposeB = transposeB, Alpha = 0.5, Mode = WriteMode.Accumulate,
            });
            Expect(result, 30, 33, 70.5, 78);
        }
    }

    [Test]
    public void BatchedMatMul()
    {
        T[] result = Of(0, 0);
        ReferenceOperations<T>.BatchedMatMul(result, Of(1, 2, 3, 4), Of(5, 6, 7, 8), 2, 1, 1, 2, default);
        Expect(result, 17, 53);
    }

    [Test]
    public void GatherRows()
    {
        T[] result = Of(1, 1, 1, 1);
        ReferenceOperations<T>.GatherRows(result, Of(1, 2, 3, 4), [1, 0], 2, WriteMode.Accumulate);
        Expect(result, 4, 5, 2, 3);
    }

    [Test]
    public void ScatterAddRows()
    {
        T[] result = Of(9, 9, 9, 9, 9, 9);
        ReferenceOperations<T>.ScatterAddRows(result, Of(1, 2, 3, 4, 5, 6), [1, 2, 1], 2, skippedId: 2, WriteMode.Overwrite);
        Expect(result, 0, 0, 6, 8, 0, 0);
    }

    [Test]
    public void RmsNorm()
    {
        T[] result = new T[2];
        T[] inverse = new T[1];
        ReferenceOperations<T>.RmsNorm(result, inverse, Of(3, 4), Of(1, 10), 12.5);
        Expect(inverse, 0.2);
        Expect(result, 0.6, 8);
    }

    [Test]
    public void RotateTurnsHalvesAgainstEachOther()
    {
        T[] packed = Of(1, 2, 3, 4, 5, 1, 2, 3, 4, 5);
        ReferenceOperations<T>.Rotate(packed, 2, 5, 1, 1, Of(1, 1, 0, 0.5), Of(0, 0, 1, 0.5), 2, [1], transposed: false);
        Expect(packed, 1, 2, 3, 4, 5, -3, -1, 1, 3, 5);
        ReferenceOperations<T>.Rotate(packed, 2, 5, 0, 1, Of(0, 0), Of(1, 1), 2, [0], transposed: true);
        Expect(packed, 3, 4, -1, -2, 5, -3, -1, 1, 3, 5);
    }

    [Test]
    public void SwiGlu()
    {
        T[] result = new T[2];
        ReferenceOperations<T>.SwiGlu(result, Of(0, Math.Log(3), 5, 2), 2);
        Expect(result, 0, 1.5 * Math.Log(3));
    }

    [Test]
    public void CrossEntropy()
    {
        T[] logits = Of(Math.Log(1), Math.Log(3), 7, 8);
        T[] losses = new T[2];
        ReferenceOperations<T>.CrossEntropy(losses, logits, [1, -1], new CrossEntropyOptions(-1, WritesGradient: true, 2));
        Expect(losses, Math.Log(4.0 / 3), 0);
        Expect(logits, 0.5, -0.5, 0, 0);
    }

    [Test]
    public void SoftmaxRows()
    {
        T[] result = new T[4];
        ReferenceOperations<T>.SoftmaxRows(result, Of(5, 9, Math.Log(1), Math.Log(3)), 2, 2, causal: true);
        Expect(result, 1, 0, 0.25, 0.75);
    }

    [Test]
    public void CumulativeSum()
    {
        T[] result = new T[6];
        ReferenceOperations<T>.CumulativeSum(result, Of(1, 2, 3, 4, 5, 6), 3, fromEnd: false);
        Expect(result, 1, 3, 6, 4, 9, 15);
        ReferenceOperations<T>.CumulativeSum(result, Of(1, 2, 3, 4, 5, 6), 3, fromEnd: true);
        Expect(result, 6, 5, 3, 15, 11, 6);
    }

    [Test]
    public void SumRows()
    {
        T[] result = Of(1, 1);
        ReferenceOperations<T>.SumRows(result, Of(1, 2, 3, 4), WriteMode.Accumulate);
        Expect(result, 5, 7);
    }

    [Test]
    public void SumOfSquares() => Expect([ReferenceOperations<T>.SumOfSquares(Of(1, -2, 3))], 14);

    [Test]
    public void ClipFactor()
    {
        T of25 = T.CreateChecked(25);
        Expect([ReferenceOperations<T>.ClipFactor(of25, 1)], 1 / (5 + 1e-6));
        Expect([ReferenceOperations<T>.ClipFactor(of25, 6)], 1);
        Expect([ReferenceOperations<T>.ClipFactor(of25, 0)], 1);
    }

    [Test]
    public void AdamWStepOneMovesByTheRateAgainstTheGradientsSign()
    {
        T[] parameter = Of(1, 1);
        T[] first = Of(0, 0);
        T[] second = Of(0, 0);
        ReferenceOperations<T>.AdamWStep(
            parameter, Of(0.5, -8), first, second, T.One, new AdamWOptions(1, LearningRate: 0.1, 0.9, 0.99, Epsilon: 0, WeightDecay: 0.1, 0));
        Expect(parameter, 0.99 - 0.1, 0.99 + 0.1);
        Expect(first, 0.05, -0.8);
        Expect(second, 0.0025, 0.64);
    }

    [TestCase(null, new[] { 1.0, 1, 1 })]
    [TestCase(AttentionBiasKind.PerKey, new[] { 0.125, 0.5, 1 })]
    [TestCase(AttentionBiasKind.PerDistance, new[] { 7, 5, 3.0 })]
    [TestCase(AttentionBiasKind.PerPair, new[] { 1, 4, 6.0 })]
    public void Attention(AttentionBiasKind? kind, double[] lastWeights)
    {
        // Scores are biases alone: keys are zero. Values tell the keys apart; positions are 0, 2, 3.
        T[] table = kind switch
        {
            AttentionBiasKind.PerKey => Of(Math.Log(2)),
            AttentionBiasKind.PerDistance => Of(Math.Log(3), Math.Log(5), Math.Log(6), Math.Log(7)),
            _ => Of([.. Enumerable.Repeat(0.0, 12), Math.Log(1), 9, Math.Log(4), Math.Log(6)]),
        };
        var operands = new ReferenceAttention<T>
        {
            Batch = 1, QueryCount = 1, KeyCount = 3, HeadCount = 1, KeyValueHeadCount = 1, HeadDimension = 1, Scale = T.One,
            Queries = Of(3), Keys = Of(0, 0, 0), Values = Of(1, 10, 100), BiasKind = kind, BiasTable = table, Positions = [0, 2, 3],
        };
        T[] result = new T[1];
        T[] logSumExp = new T[1];
        ReferenceOperations<T>.Attention(result, logSumExp, operands);
        double sum = lastWeights.Sum();
        Expect(result, (lastWeights[0] + (10 * lastWeights[1]) + (100 * lastWeights[2])) / sum);
        Expect(logSumExp, Math.Log(sum));
    }

    [Test]
    public void AttentionMasksLaterTokensAndOtherDocuments()
    {
        var operands = new ReferenceAttention<T>
        {
            Batch = 1, QueryCount = 4, KeyCount = 4, HeadCount = 2, KeyValueHeadCount = 1, HeadDimension = 1, Scale = T.One,
            Queries = new T[8], Keys = new T[4], Values = Of(1, 3, 5, 8), Documents = [0, 0, 1, 1],
        };
        T[] result = new T[8];
        T[] logSumExp = new T[8];
        ReferenceOperations<T>.Attention(result, logSumExp, operands);
        Expect(result, 1, 1, 2, 2, 5, 5, 6.5, 6.5);
        Expect(logSumExp, 0, Math.Log(2), 0, Math.Log(2), 0, Math.Log(2), 0, Math.Log(2));
    }

    [Test]
    public void AttentionDoesNotReadWhatAQueryDoesNotSee()
    {
        var operands = new ReferenceAttention<T>
        {
            Batch = 1, QueryCount = 2, KeyCount = 2, HeadCount = 1, KeyValueHeadCount = 1, HeadDimension = 1, Scale = T.One,
            Queries = Of(1, 1), Keys = Of(1, double.NaN), Values = Of(4, double.NaN),
        };
        T[] result = new T[2];
        ReferenceOperations<T>.Attention(result, new T[2], operands);
        Expect(result, 4, double.NaN);
    }

    [TestCase(UnaryKind.Silu, 1.5)]
    [TestCase(UnaryKind.Sigmoid, 0.75)]
    [TestCase(UnaryKind.Relu, 2)]
    [TestCase(UnaryKind.Tanh, 0.8)]
    [TestCase(UnaryKind.Exp, 3)]
    [TestCase(UnaryKind.Log, 0.6931471805599453)]
    public void Unary(UnaryKind kind, double expected)
    {
        double argument = kind is UnaryKind.Relu or UnaryKind.Log ? 2 : Math.Log(3);
        double scaled = kind == UnaryKind.Silu ? expected * Math.Log(3) / 2 : expected;
        Expect([ReferenceOperations<T>.Unary(T.CreateChecked(argument), kind)], scaled);
    }

    private static T[] Of(params double[] values) => Array.ConvertAll(values, T.CreateChecked);

    private void Expect(T[] found, params double[] expected) =>
        Assert.That(Array.ConvertAll(found, value => double.CreateChecked(value)), Is.EqualTo(expected).Within(tolerance * 200));
}

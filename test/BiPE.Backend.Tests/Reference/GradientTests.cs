using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Reference;

/// <summary>The oracle's gradients against finite differences of its forward operations, in float64.</summary>
public sealed class GradientTests
{
    private readonly Random _random = new(11);
    private ValidatingBackend _backend = null!;
    private TensorScope _inputs = null!;

    [SetUp]
    public void CreateBackend()
    {
        _backend = new ValidatingBackend(new ReferenceBackend());
        _inputs = new TensorScope(_backend);
    }

    [TearDown]
    public void NothingIsLeaked()
    {
        _inputs.Dispose();
        int live = _backend.Memory.LiveBuffers;
        _backend.Dispose();
        Assert.That(live, Is.Zero);
    }

    [Test]
    public void OfMatMul([Values] bool transposeA, [Values] bool transposeB)
    {
        const double Alpha = 1.3;
        Tensor a = Input(transposeA ? new(4, 3) : new(3, 4));
        Tensor b = Input(transposeB ? new(5, 4) : new(4, 5));
        var options = new MatMulOptions { TransposeA = transposeA, TransposeB = transposeB, Alpha = Alpha };
        Verify([a, b], scope => Into(scope, new(3, 5), result => _backend.MatMul(result, a, b, options)), (scope, dy) =>
        [
            Into(scope, a.Shape, da => _backend.MatMul(da, transposeA ? b : dy, transposeA ? dy : b, new MatMulOptions
            {
                TransposeA = transposeA && transposeB, TransposeB = transposeA || !transposeB, Alpha = Alpha,
            })),
            Into(scope, b.Shape, db => _backend.MatMul(db, transposeB ? dy : a, transposeB ? a : dy, new MatMulOptions
            {
                TransposeA = transposeB || !transposeA, TransposeB = transposeA && transposeB, Alpha = Alpha,
            })),
        ]);
    }

    [Test]
    public void OfMultiply()
    {
        Tensor a = Input(new(7));
        Tensor b = Input(new(7));
        Verify([a, b], scope => Into(scope, a.Shape, result => _backend.Multiply(result, a, b)), (scope, dy) =>
        [
            Into(scope, a.Shape, da => _backend.Multiply(da, dy, b)),
            Into(scope, b.Shape, db => _backend.Multiply(db, dy, a)),
        ]);
    }

    [Test]
    public void OfUnary([Values] UnaryKind kind)
    {
        // Positive for the logarithm, and away from relu's corner.
        Tensor x = Input(new(20), [.. Enumerable.Range(0, 20).Select(i => kind == UnaryKind.Log ? 0.2 + (i * 0.3) : (i - 9.7) * 0.4)]);
        Verify([x], scope => Into(scope, x.Shape, result => _backend.Unary(result, x, kind)), (scope, dy) =>
            [Into(scope, x.Shape, dx => _backend.UnaryBackward(dx, dy, x, kind))]);
    }

    [Test]
    public void OfSoftmaxRows([Values] bool causal)
    {
        Tensor x = Input(new(2, 4, 6));
        Verify([x], Forward, (scope, dy) =>
        {
            Tensor output = Forward(scope);
            return [Into(scope, x.Shape, dx => _backend.SoftmaxRowsBackward(dx, dy, output))];
        });
        Tensor Forward(TensorScope scope) => Into(scope, x.Shape, result => _backend.SoftmaxRows(result, x, causal));
    }

    [Test]
    public void OfCumulativeSum([Values] bool fromEnd)
    {
        Tensor x = Input(new(3, 5));
        Verify([x], scope => Into(scope, x.Shape, result => _backend.CumulativeSum(result, x, fromEnd)), (scope, dy) =>
            [Into(scope, x.Shape, dx => _backend.CumulativeSum(dx, dy, !fromEnd))]);
    }

    [Test]
    public void OfInterpolateRows()
    {
        Tensor table = Input(new(2, 4));
        Tensor positions = Input(new(2, 6));
        _backend.WriteDoubles(positions, [-0.4, 0.3, 0.9, 1.5, 2.9, 3.7, 2.2, 0.01, 1.99, 0.5, 4.1, 2.6]);
        Verify([table, positions], scope => Into(scope, positions.Shape, result => _backend.InterpolateRows(result, table, positions)), (scope, dy) =>
        {
            Tensor positionGradient = scope.Allocate(positions.Shape);
            Tensor tableGradient = Into(scope, table.Shape, to => _backend.InterpolateRowsBackward(to, positionGradient, dy, table, positions));
            return [tableGradient, positionGradient];
        });
    }

    [Test]
    public void OfGatherRows()
    {
        Tensor table = Input(new(4, 3));
        Tensor ids = Integers(new(6), [3, 0, 3, 1, 3, 0]);
        Verify([table], scope => Into(scope, new(6, 3), result => _backend.GatherRows(result, table, ids)), (scope, dy) =>
            [Into(scope, table.Shape, gradient => _backend.ScatterAddRows(gradient, dy, ids, -1, WriteMode.Overwrite))]);
    }

    [Test]
    public void OfRmsNorm()
    {
        Tensor x = Input(new(3, 7));
        Tensor weight = Input(new(7));
        Verify([x, weight], scope => Forward(scope).Output, (scope, dy) =>
        {
            Tensor inverse = Forward(scope).Inverse;
            Tensor dx = scope.Allocate(x.Shape);
            Tensor dw = scope.Allocate(weight.Shape);
            _backend.RmsNormBackward(dx, WriteMode.Overwrite, dw, WriteMode.Overwrite, dy, x, inverse, weight);
            return [dx, dw];
        });

        (Tensor Output, Tensor Inverse) Forward(TensorScope scope)
        {
            Tensor inverse = scope.Allocate(new(3));
            return (Into(scope, x.Shape, result => _backend.RmsNorm(result, inverse, x, weight, 1e-3)), inverse);
        }
    }

    [Test]
    public void OfRotate([Values] bool transposed)
    {
        Tensor x = Input(new(2, 3, 4, 7));
        Tensor positions = Integers(new(2, 3), [0, 1, 4, 2, 2, 3]);
        var arguments = new RotateArguments(1, 2, Input(new(5, 3)), Input(new(5, 3)), positions, transposed);
        Verify([x], scope => Turned(scope, x, arguments), (scope, dy) => [Turned(scope, dy, arguments with { Transposed = !transposed })]);

        Tensor Turned(TensorScope scope, Tensor source, RotateArguments rotation) => Into(scope, x.Shape, result =>
        {
            _backend.Copy(result, source);
            _backend.Rotate(result, rotation);
        });
    }

    [Test]
    public void OfSwiGlu()
    {
        Tensor gateUp = Input(new(3, 10));
        Verify([gateUp], scope => Into(scope, new(3, 5), result => _backend.SwiGlu(result, gateUp)), (scope, dy) =>
            [Into(scope, gateUp.Shape, gradient => _backend.SwiGluBackward(gradient, dy, gateUp))]);
    }

    [Test]
    public void OfCrossEntropy()
    {
        const double Scale = 0.4;
        Tensor logits = Input(new(4, 6));
        Tensor labels = Integers(new(4), [5, 2, -7, 0]);
        double Loss(bool writesGradient, out double[] gradient)
        {
            using var inner = new TensorScope(_backend);
            Tensor copy = inner.Allocate(logits.Shape);
            Tensor losses = inner.Allocate(new(4));
            _backend.Copy(copy, logits);
            _backend.CrossEntropy(losses, copy, labels, new CrossEntropyOptions(-7, writesGradient, Scale));
            gradient = _backend.ReadDoubles(copy);
            return Scale * _backend.ReadDoubles(losses).Sum();
        }

        Loss(true, out double[] analytic);
        Assert.That(analytic, Has.Some.Not.Zero);
        GradientCheck.Check("logits", _backend, logits, analytic, () => Loss(false, out _));
    }

    [Test]
    public void OfAttention([Values] bool hasDocuments, [Values(null, AttentionBiasKind.PerKey, AttentionBiasKind.PerDistance, AttentionBiasKind.PerPair)] AttentionBiasKind? kind)
    {
        Tensor packed = Input(new(2, 5, 4 + (2 * 2), 3));
        Tensor positions = Integers(new(2, 5), [0, 0, 1, 2, 2, 1, 2, 2, 2, 3]);
        Tensor table = kind switch
        {
            AttentionBiasKind.PerDistance => Input(new(4, 4)),
            AttentionBiasKind.PerPair => Input(new(4, 4, 4)),
            _ => Input(new(4)),
        };
        AttentionArguments arguments = AttentionArguments.FromPacked(packed, 4, 2, 0.6) with
        {
            Bias = kind is { } bias ? new AttentionBias(bias, table, positions) : null,
            Documents = hasDocuments ? Integers(new(2, 5), [0, 0, 0, 1, 1, 0, 1, 1, 1, 1]) : null,
        };
        bool learnsTable = kind is AttentionBiasKind.PerDistance or AttentionBiasKind.PerPair;
        Verify(learnsTable ? [packed, table] : [packed], scope => Forward(scope).Output, (scope, dy) =>
        {
            (Tensor output, Tensor logSumExp) = Forward(scope);
            Tensor packedGradient = scope.Allocate(packed.Shape);
            Tensor? tableGradient = learnsTable ? scope.Allocate(table.Shape) : null;
            _backend.AttentionBackward(new(packedGradient, WriteMode.Overwrite, tableGradient), dy, output, logSumExp, arguments);
            return tableGradient is null ? [packedGradient] : [packedGradient, tableGradient];
        });

        (Tensor Output, Tensor LogSumExp) Forward(TensorScope scope)
        {
            Tensor logSumExp = scope.Allocate(new(2, 4, 5));
            return (Into(scope, new(2, 5, 4, 3), result => _backend.Attention(result, logSumExp, arguments)), logSumExp);
        }
    }

    private void Verify(Tensor[] inputs, Func<TensorScope, Tensor> forward, Func<TensorScope, Tensor, Tensor[]> backward)
    {
        using var scope = new TensorScope(_backend);
        Tensor output = forward(scope);
        double[] weights = Values(output.Count);
        Tensor gradient = scope.Allocate(output.Shape);
        _backend.WriteDoubles(gradient, weights);
        Tensor[] gradients = backward(scope, gradient);
        for (int i = 0; i < inputs.Length; i++)
        {
            double[] analytic = _backend.ReadDoubles(gradients[i]);
            Assert.That(analytic, Has.Some.Not.Zero, "A gradient that is zero everywhere proves nothing.");
            GradientCheck.Check($"input {i}", _backend, inputs[i], analytic, () =>
            {
                using var inner = new TensorScope(_backend);
                return _backend.ReadDoubles(forward(inner)).Zip(weights, (y, w) => y * w).Sum();
            }, samples: 1000);
        }
    }

    private static Tensor Into(TensorScope scope, Shape shape, Action<Tensor> write)
    {
        Tensor result = scope.Allocate(shape);
        write(result);
        return result;
    }

    private Tensor Input(Shape shape) => Input(shape, Values(shape.Count));

    private Tensor Input(Shape shape, double[] values)
    {
        Tensor tensor = _inputs.Allocate(shape);
        _backend.WriteDoubles(tensor, values);
        return tensor;
    }

    private Tensor Integers(Shape shape, int[] values)
    {
        Tensor tensor = _inputs.Allocate(shape, ElementType.Int32);
        _backend.Upload<int>(tensor, values);
        return tensor;
    }

    private double[] Values(long count) => [.. Enumerable.Range(0, (int)count).Select(_ => (4 * _random.NextDouble()) - 2)];
}

using BiPE.Core.Autograd;
using BiPE.Core.Tensors;
using BiPE.Cpu;
using BiPE.Testing;

namespace BiPE.Core.Tests.Autograd;

public sealed class TapeTests
{
    private const int Rows = 6;
    private const int Columns = 8;

    private static readonly Dictionary<string, (Shape[] Inputs, Func<Tape, Variable[], Variable> Compute)> Operations = new()
    {
        ["MatMul"] = ([new(Rows, Columns), new(5, Columns)], (tape, x) => tape.MatMul(x[0], x[1])),
        ["MatMulAdd"] = ([new(Rows, 5), new(Rows, Columns), new(5, Columns)], (tape, x) => tape.MatMulAdd(x[0], x[1], x[2])),
        ["BatchedMatMul"] = ([new(2, 3, 4), new(2, 4, 5)], (tape, x) => tape.BatchedMatMul(x[0], x[1])),
        ["BatchedMatMul transposed"] = ([new(2, 3, 4), new(2, 5, 4)], (tape, x) => tape.BatchedMatMul(x[0], x[1], transposeB: true)),
        ["BatchedMatMul of shared groups"] = ([new(6, 2, 4), new(2, 4, 5)], (tape, x) => tape.BatchedMatMul(x[0], x[1])),
        ["BatchedMatMul of shared groups, transposed"] = ([new(6, 2, 4), new(3, 5, 4)], (tape, x) => tape.BatchedMatMul(x[0], x[1], transposeB: true)),
        ["BatchedMatMul of one group"] = ([new(3, 2, 4), new(5, 4)], (tape, x) => tape.BatchedMatMul(x[0], x[1], transposeB: true)),
        ["PermuteRows"] = ([new(2, 6)], (tape, x) => tape.PermuteRows(x[0], Ids(tape, 2, 0, 3, 1), Ids(tape, 1, 3, 0, 2), new Shape(4, 3))),
        ["Slice"] = ([new(5, 2, 2)], (tape, x) => tape.BatchedMatMul(tape.Slice(x[0], 1, 2), tape.Slice(x[0], 2, 2))),
        ["GatherElements"] = ([new(2, 3)], (tape, x) => tape.GatherElements(x[0], Ids(tape, 5, 0, 0, 2), new Shape(2, 2))),
        ["RmsNorm"] = ([new(Rows, Columns), new(Columns)], (tape, x) => tape.RmsNorm(x[0], x[1], 1e-3)),
        ["SwiGlu"] = ([new(Rows, Columns)], (tape, x) => tape.SwiGlu(x[0])),
        ["SwiGlu in its argument's memory"] = ([new(Rows, Columns)], (tape, x) => tape.SwiGlu(tape.Scale(x[0], 1.5))),
        ["SwiGlu of what something else reads"] = ([new(Rows, Columns)], (tape, x) =>
        {
            Variable gates = tape.Scale(x[0], 1.5);
            return tape.MatMul(tape.SwiGlu(gates), tape.SwiGlu(gates));
        }),
        ["GatherRows"] = ([new(5, Columns)], (tape, x) => tape.GatherRows(x[0], Ids(tape, 4, 0, 0, 2))),
        ["AddRowsInPlace"] = ([new(4, Columns), new(5, Columns)], (tape, x) => tape.AddRowsInPlace(tape.Scale(x[0], 2), x[1], Ids(tape, 4, 0, 0, 2))),
        ["AddBiasInPlace"] = ([new(Rows, Columns), new(Columns)], (tape, x) => tape.AddBiasInPlace(tape.Scale(x[0], 2), x[1])),
        ["Add"] = ([new(Rows, Columns), new(Rows, Columns)], (tape, x) => tape.Add(x[0], x[1])),
        ["Add twice the same"] = ([new(Rows, Columns)], (tape, x) => tape.Add(x[0], x[0])),
        ["Multiply"] = ([new(Rows, Columns), new(Rows, Columns)], (tape, x) => tape.Multiply(x[0], x[1])),
        ["Scale"] = ([new(Rows, Columns)], (tape, x) => tape.Scale(x[0], -0.7)),
        ["Unary"] = ([new(Rows, Columns)], (tape, x) => tape.Unary(x[0], UnaryKind.Tanh)),
        ["SoftmaxRows"] = ([new(2, 3, 4)], (tape, x) => tape.SoftmaxRows(x[0], causal: true)),
        ["InterpolateRows"] = ([new(2, 4), new(2, 3)], (tape, x) => tape.InterpolateRows(x[0], tape.Scale(x[1], 3))),
        ["InterpolateRows of one table"] = ([new(2, 4)], (tape, x) => tape.InterpolateRows(x[0], tape.Unary(tape.Scale(x[0], 2), UnaryKind.Exp))),
        ["MaskInPlace"] = ([new(4, 2, 3)], (tape, x) => tape.MaskInPlace(tape.Scale(x[0], 2), Mask(tape))),
        ["CumulativeSum"] = ([new(Rows, Columns)], (tape, x) => tape.CumulativeSum(x[0], fromEnd: true)),
        ["Attention"] = ([new(6, 24)], (tape, x) => tape.Attention(x[0], new AttentionShape(2, 3, 2, 2, 4), null)),
        ["Attention with a learned table"] = ([new(6, 24), new(2, 3)], (tape, x) => tape.Attention(
            x[0], new AttentionShape(2, 3, 2, 2, 4), new AttentionBiasVariable(AttentionBiasKind.PerDistance, x[1], Times(tape)))),
        ["RotateInPlace"] = ([new(6, 24)], (tape, x) => tape.RotateInPlace(
            tape.Scale(x[0], 1), new Shape(2, 3, 6, 4), [new RotateArguments(0, 4, Table(tape, 1.3), Table(tape, 0.4), Times(tape))])),
        ["Discarded norm, gates and gated values"] = (
            [new(Rows, Columns), new(Columns), new(10, Columns), new(10), new(3, 5)],
            (tape, x) => GatedWithoutKeeping(tape, x, recomputesGates: true)),
        ["Discarded norm and gated values"] = (
            [new(Rows, Columns), new(Columns), new(10, Columns), new(10), new(3, 5)],
            (tape, x) => GatedWithoutKeeping(tape, x, recomputesGates: false)),
        ["Checkpoint"] = ([new(Rows, Columns), new(Columns)], (tape, x) =>
            tape.Checkpoint((inner, y) => inner.Add(y, inner.RmsNorm(inner.Unary(y, UnaryKind.Silu), x[1], 1e-3)), tape.Scale(x[0], 2))),
        ["Checkpoint of SwiGlu"] = ([new(Rows, Columns)], (tape, x) =>
            tape.Checkpoint((inner, y) => inner.SwiGlu(inner.Scale(y, 1.5)), tape.Scale(x[0], 2))),
        ["Checkpoint in a checkpoint"] = ([new(Rows, Columns)], (tape, x) => tape.Checkpoint(
            (outer, y) => outer.Checkpoint((inner, z) => inner.SwiGlu(inner.Scale(z, 1.5)), outer.Scale(y, 2)), tape.Scale(x[0], 2))),
    };

    public static IEnumerable<string> Names => Operations.Keys;

    private static Tensor Mask(Tape tape)
    {
        Tensor mask = tape.Scope.Allocate(new Shape(2, 2, 3));
        tape.Backend.WriteDoubles(mask, [1, 0, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0.5]);
        return mask;
    }

    [TestCaseSource(nameof(Names))]
    public void GradientsMatchFiniteDifferences(string name)
    {
        (Shape[] shapes, Func<Tape, Variable[], Variable> compute) = Operations[name];
        using var oracle = new ReferenceBackend();
        using var backend = new ValidatingBackend(oracle);
        var random = new Random(7);
        double[][] values = [.. shapes.Select(shape => Numbers(random, shape.Count))];
        using (var tape = new Tape(backend, isRecording: true))
        {
            Variable[] inputs = Inputs(tape, shapes, values);
            Variable output = compute(tape, inputs);
            double[] weights = Numbers(new Random(8), output.Value.Count);
            Tensor seed = tape.Scope.Allocate(output.Shape);
            backend.WriteDoubles(seed, weights);
            tape.Backward(output, seed);
            for (int input = 0; input < shapes.Length; input++)
            {
                double[] gradient = backend.ReadDoubles(tape.GradientOf(inputs[input])!);
                for (int i = 0; i < gradient.Length; i++)
                {
                    Assert.That(gradient[i], Is.EqualTo(Difference(input, i, weights)).Within(1e-7), $"input {input}, element {i}");
                }
            }

            Assert.That(tape.NodeCount, Is.Zero);
        }

        Assert.That(oracle.Memory.LiveBuffers, Is.Zero);

        double Difference(int input, int element, double[] weights)
        {
            const double Step = 1e-5;
            double original = values[input][element];
            values[input][element] = original + Step;
            double above = Loss(weights);
            values[input][element] = original - Step;
            double below = Loss(weights);
            values[input][element] = original;
            return (above - below) / (2 * Step);
        }

        double Loss(double[] weights)
        {
            using var tape = new Tape(backend, isRecording: false);
            double[] result = backend.ReadDoubles(compute(tape, Inputs(tape, shapes, values)).Value);
            return result.Zip(weights, (a, b) => a * b).Sum();
        }
    }

    [Test]
    public void WhatCanBeComputedAgainTakesNoMemoryBetweenThePasses()
    {
        using var backend = new CpuBackend();
        using var tape = new Tape(backend, isRecording: true);
        Variable[] x = Inputs(tape, [new(Rows, Columns), new(Columns), new(10, Columns)], [.. new[] { Rows * Columns, Columns, 10 * Columns }.Select(count => Numbers(new Random(1), count))]);
        Variable normed = tape.RmsNorm(x[0], x[1], 1e-3);
        double[] value = backend.ReadDoubles(normed.Value);
        Variable gates = tape.MatMul(normed, x[2]);
        long used = backend.Memory.Used;
        tape.Discard(normed);
        Assert.That(used - backend.Memory.Used, Is.EqualTo(Rows * Columns * sizeof(float)));
        tape.Discard(gates);
        Assert.That(used - backend.Memory.Used, Is.EqualTo(Rows * Columns * sizeof(float)), "a product is kept unless asked");
        tape.Discard(gates, recomputesProduct: true);
        Assert.That(used - backend.Memory.Used, Is.EqualTo(Rows * (Columns + 10) * sizeof(float)));
        Assert.That(backend.ReadDoubles(normed.Value), Is.EqualTo(value), "the same bits");
    }

    [Test]
    public void AnOperationInPlaceRefusesWhatSomethingElseReads()
    {
        using var backend = new CpuBackend();
        using var tape = new Tape(backend, isRecording: true);
        Variable x = Inputs(tape, [new Shape(4, Columns)], [Numbers(new Random(1), 4 * Columns)])[0];
        Variable shared = tape.Scale(x, 2);
        tape.Add(shared, shared);
        Assert.That(() => tape.AddRowsInPlace(shared, x, Ids(tape, 0, 1, 2, 3)), Throws.InvalidOperationException);
        Variable saved = tape.SoftmaxRows(x, causal: false);
        Assert.That(() => tape.AddRowsInPlace(saved, x, Ids(tape, 0, 1, 2, 3)), Throws.InvalidOperationException);
        Variable own = tape.Scale(x, 2);
        tape.AddRowsInPlace(own, x, Ids(tape, 0, 1, 2, 3));
        Assert.That(() => tape.Scale(own, 2), Throws.InvalidOperationException, "its value is lost");
    }

    [Test]
    public void FrozenParametersGetNoGradient()
    {
        using var backend = new CpuBackend();
        var weight = new Parameter(backend, "weight", new Shape(5, Columns)) { IsFrozen = true };
        backend.Fill(weight.Value, 0.5);
        using (var tape = new Tape(backend, isRecording: true))
        {
            Variable x = Inputs(tape, [new Shape(Rows, Columns)], [Numbers(new Random(1), Rows * Columns)])[0];
            Variable y = tape.MatMul(x, weight);
            tape.Backward(y, y.Value);
            Assert.That(tape.GradientOf(x), Is.Not.Null);
            Assert.That(weight.HasGradient, Is.False);
        }

        weight.Release();
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void TheLossDoesNotDependOnItsChunks()
    {
        const int Vocabulary = 500;
        const int Tokens = 64;
        using var backend = new CpuBackend(new CpuBackendOptions { ChecksMemory = true });
        var head = new Parameter(backend, "head", new Shape(Vocabulary, Columns));
        var random = new Random(3);
        backend.WriteDoubles(head.Value, Numbers(random, Vocabulary * Columns));
        double[] hidden = Numbers(random, Tokens * Columns);
        int[] labels = [.. Enumerable.Range(0, Tokens).Select(i => i % 7 == 0 ? -1 : i * 7)];
        (double[] Losses, double[] Gradients) whole = Run(long.MaxValue);
        (double[] Losses, double[] Gradients) rows = Run(1);
        Assert.That(rows.Losses, Is.EqualTo(whole.Losses).Within(1e-5));
        Assert.That(rows.Gradients, Is.EqualTo(whole.Gradients).Within(1e-6));
        head.Release();

        (double[] Losses, double[] Gradients) Run(long chunkBytes)
        {
            head.ClearGradient();
            using var tape = new Tape(backend, isRecording: true);
            Variable states = Inputs(tape, [new Shape(Tokens, Columns)], [hidden])[0];
            Tensor losses = tape.LinearCrossEntropy(states, head, Ids(tape, labels), -1, 0.01, chunkBytes);
            tape.Backward();
            return (backend.ReadDoubles(losses), [.. backend.ReadDoubles(tape.GradientOf(states)!), .. backend.ReadDoubles(head.Gradient)]);
        }
    }

    [Test]
    public void TheLogitsNeverStandWhole()
    {
        const int Vocabulary = 5000;
        const int Tokens = 512;
        const int ChunkRows = 64;
        using var backend = new CpuBackend();
        using var tape = new Tape(backend, isRecording: true);
        var head = new Parameter(backend, "head", new Shape(Vocabulary, Columns));
        backend.Fill(head.Value, 0);
        Variable x = Inputs(tape, [new Shape(Tokens, Columns)], [Numbers(new Random(1), Tokens * Columns)])[0];
        long before = backend.Memory.Used;
        tape.LinearCrossEntropy(x, head, Ids(tape, new int[Tokens]), -1, 1, ChunkRows * Vocabulary * sizeof(float));
        tape.Backward();
        long headGradient = Vocabulary * Columns * sizeof(float);
        long forTokens = Tokens * (Columns + 2) * sizeof(float);
        Assert.That(backend.Memory.Peak - before, Is.LessThanOrEqualTo(headGradient + (ChunkRows * Vocabulary * sizeof(float)) + forTokens));
        head.Release();
    }

    private static Variable GatedWithoutKeeping(Tape tape, Variable[] x, bool recomputesGates)
    {
        Variable normed = tape.RmsNorm(x[0], x[1], 1e-3);
        Variable gates = tape.AddBiasInPlace(tape.MatMul(normed, x[2]), x[3]);
        tape.Discard(normed);
        Variable gated = tape.SwiGlu(gates);
        tape.Discard(gates, recomputesGates);
        Variable result = tape.MatMul(gated, x[4]);
        tape.Discard(gated);
        return result;
    }

    private static double[] Numbers(Random random, long count) => [.. Enumerable.Range(0, (int)count).Select(_ => (2 * random.NextDouble()) - 1)];

    private static Variable[] Inputs(Tape tape, Shape[] shapes, double[][] values) =>
    [
        .. shapes.Select((shape, index) =>
        {
            Tensor tensor = tape.Scope.Allocate(shape);
            tape.Backend.WriteDoubles(tensor, values[index]);
            return new Variable(tensor, requiresGradient: true);
        }),
    ];

    private static Tensor Times(Tape tape) => Ids(tape, 0, 1, 2, 0, 1, 2).Reshape(2, 3);

    private static Tensor Ids(Tape tape, params int[] ids)
    {
        Tensor tensor = tape.Scope.Allocate(new Shape(ids.Length), ElementType.Int32);
        tape.Backend.Upload<int>(tensor, ids);
        return tensor;
    }

    private static Tensor Table(Tape tape, double factor)
    {
        Tensor table = tape.Scope.Allocate(new Shape(3, 2), tape.Backend.Info.StatisticsType);
        tape.Backend.WriteDoubles(table, [.. Enumerable.Range(0, 6).Select(i => Math.Cos(factor * i))]);
        return table;
    }
}

using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests;

/// <summary>The harness must see the faults it is there for.</summary>
public sealed class HarnessTests
{
    [Test]
    public void SeesAWrongElement() => Refused("differ", bench =>
    {
        Tensor values = bench.Activation(new(40));
        if (IsTested(bench))
        {
            bench.Backend.AddScaled(values.Slice(39, 1), values.Slice(39, 1), 1e-6);
        }

        bench.Expect("values", values, new Tolerance(4));
    });

    [Test]
    public void SeesGarbageThatLeaks() => Refused("NaN", bench =>
    {
        Tensor one = bench.Activation(new(8));
        Tensor sum = bench.Destination(new(8));
        bench.Backend.Scale(sum.Slice(0, 7), one.Slice(0, 7), 1);
        if (!IsTested(bench))
        {
            bench.Backend.Scale(sum, one, 1);
        }

        bench.Expect("sum", sum, new Tolerance(4));
    });

    [Test]
    public void SeesAnInfinityThatShouldBeFinite() => Refused("expected 1 ", bench =>
    {
        Tensor value = bench.Activation(new(1), [1]);
        bench.Backend.Fill(value, IsTested(bench) ? double.PositiveInfinity : 1);
        bench.Expect("value", value, new Tolerance(1e6, 1e6));
    });

    [Test]
    public void SeesAWriteBeyondTheEnd([Values(-1, 5)] int element) => Refused("outside", bench =>
    {
        Tensor values = bench.Activation(new(5));
        bench.Backend.Fill(new Tensor(values.Buffer, new(1), values.Type, values.Offset + element), 0);
        bench.Expect("values", values, Tolerance.Exact);
    });

    [Test]
    public void SeesAWriteToAnOperand() => Refused("operand", bench =>
    {
        Tensor source = bench.Activation(new(5));
        Tensor copy = bench.Destination(new(5));
        bench.Backend.Copy(copy, source);
        bench.Backend.Fill(source, 0);
        bench.Expect("copy", copy, Tolerance.Exact);
    });

    [Test]
    public void SeesAResultThatDependsOnWhereATensorStarts() => Refused("unaligned", bench =>
    {
        Tensor value = bench.Activation(new(1));
        bench.Backend.Fill(value, 1 + (value.Offset % 16 * 1e-7));
        bench.Expect("value", value, new Tolerance(100));
    });

    [Test]
    public void SeesACaseWithoutResults() => Refused("0 and 0 results", _ => { });

    [Test]
    public void SeesAWrongGradient([Values(1.0, 1.00001)] double factor)
    {
        using var backend = new ReferenceBackend();
        using var scope = new TensorScope(backend);
        Tensor input = scope.Allocate(new(3));
        backend.WriteDoubles(input, [1, 2, 3]);
        double[] gradient = [.. backend.ReadDoubles(input).Select(x => factor * 3 * x * x)];
        Assert.That(
            () => GradientCheck.Check("cubes", backend, input, gradient, () => backend.ReadDoubles(input).Sum(x => x * x * x)),
            factor == 1 ? Throws.Nothing : Throws.TypeOf<AssertionException>().With.Message.Contains("finite differences"));
        Assert.That(backend.ReadDoubles(input), Is.EqualTo(new[] { 1.0, 2, 3 }));
    }

    private static bool IsTested(Bench bench) => bench.Backend.Info.ActivationType == ElementType.Float32;

    private static void Refused(string because, Action<Bench> operation)
    {
        using var backend = new ValidatingBackend(new DefaultBodiesBackend());
        Assert.That(
            () => Conformance.Check(backend, null, TestContext.CurrentContext.Test.FullName, operation),
            Throws.TypeOf<AssertionException>().With.Message.Contains(because));
    }
}

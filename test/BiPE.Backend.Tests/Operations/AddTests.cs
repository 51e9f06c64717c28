using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class AddTests(BackendFixture fixture) : OperationTests(fixture)
{
    [TestCaseSource(nameof(Lengths))]
    public void MatchesTheDefinition(int length) => Check($"length {length}", bench =>
    {
        Tensor a = bench.Activation(new(length));
        Tensor b = bench.Activation(new(length));
        Tensor sum = bench.Destination(new(length));
        bench.Backend.Add(sum, a, b);
        bench.Expect("sum", sum, new Tolerance(1));
    });

    [Test]
    public void WorksInPlaceOnEitherSide([Values(1, 37, 5000)] int length) => Check($"in place {length}", bench =>
    {
        Tensor a = bench.Activation(new(length));
        Tensor b = bench.Activation(new(length));
        Tensor c = bench.Activation(new(length));
        bench.Backend.Add(a, a, c);
        bench.Backend.Add(b, c, b);
        bench.Expect("a", a, new Tolerance(1));
        bench.Expect("b", b, new Tolerance(1));
    });

    [Test]
    public void DoublesATensorAddedToItself() => Check("doubled", bench =>
    {
        Tensor a = bench.Activation(new(71));
        bench.Backend.Add(a, a, a);
        bench.Expect("a", a, Tolerance.Exact);
    });

    [Test]
    public void KeepsSpecialValues() => Check("special", bench =>
    {
        double[] special = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 0, 1e-42, -1e-42, 3e38, -3e38, 1];
        double[] left = [.. special.SelectMany(value => Enumerable.Repeat(value, special.Length))];
        double[] right = [.. Enumerable.Repeat(special, special.Length).SelectMany(values => values)];
        Tensor a = bench.Activation(new(left.Length), left);
        Tensor b = bench.Activation(new(left.Length), right);
        Tensor sum = bench.Destination(new(left.Length));
        bench.Backend.Add(sum, a, b);
        bench.Expect("sum", sum, new Tolerance(1));
    });

    [Test]
    public void TakesAnyNumberOfAxes() => Check("four axes", bench =>
    {
        Tensor a = bench.Activation(new(2, 3, 5, 7));
        Tensor b = bench.Activation(new(2, 3, 5, 7));
        Tensor sum = bench.Destination(new(2, 3, 5, 7));
        bench.Backend.Add(sum, a, b);
        bench.Expect("sum", sum, new Tolerance(1));
    });
}

using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class MultiplyTests(BackendFixture fixture) : OperationTests(fixture)
{
    [TestCaseSource(nameof(Lengths))]
    public void MatchesTheDefinition(int length)
    {
        foreach (WriteMode mode in Modes)
        {
            Check($"length {length}, {mode}", bench =>
            {
                Tensor a = bench.Activation(new(length));
                Tensor b = bench.Activation(new(length));
                Tensor product = bench.Destination(new(length), mode);
                bench.Backend.Multiply(product, a, b, mode);
                bench.Expect("product", product, new Tolerance(2, mode == WriteMode.Overwrite ? 0 : 4));
            });
        }
    }

    [TestCaseSource(nameof(Modes))]
    public void WorksInPlaceOnEitherSide(WriteMode mode) => Check($"in place, {mode}", bench =>
    {
        Tensor a = bench.Activation(new(93));
        Tensor b = bench.Activation(new(93));
        Tensor c = bench.Activation(new(93));
        bench.Backend.Multiply(a, a, c, mode);
        bench.Backend.Multiply(b, c, b, mode);
        bench.Expect("a", a, new Tolerance(2, 4));
        bench.Expect("b", b, new Tolerance(2, 4));
    });

    [Test]
    public void KeepsSpecialValues() => Check("special", bench =>
    {
        double[] special = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 0, 1e-30, 3e38, -3e38, 1];
        double[] left = [.. special.SelectMany(value => Enumerable.Repeat(value, special.Length))];
        double[] right = [.. Enumerable.Repeat(special, special.Length).SelectMany(values => values)];
        Tensor a = bench.Activation(new(left.Length), left);
        Tensor b = bench.Activation(new(left.Length), right);
        Tensor product = bench.Destination(new(left.Length));
        bench.Backend.Multiply(product, a, b);
        bench.Expect("product", product, new Tolerance(2));
    });
}

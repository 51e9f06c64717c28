using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class AddScaledTests(BackendFixture fixture) : OperationTests(fixture)
{
    [TestCaseSource(nameof(Lengths))]
    public void MatchesTheDefinition(int length) => Check($"length {length}", bench =>
    {
        Tensor source = bench.Activation(new(length));
        Tensor sum = bench.Destination(new(length), WriteMode.Accumulate);
        bench.Backend.AddScaled(sum, source, -0.37);
        bench.Expect("sum", sum, new Tolerance(3, 2));
    });

    [Test]
    public void AddsATensorToItself() => Check("to itself", bench =>
    {
        Tensor sum = bench.Activation(new(45));
        bench.Backend.AddScaled(sum, sum, 0.5);
        bench.Expect("sum", sum, new Tolerance(3));
    });

    [Test]
    public void KeepsSpecialValues([Values(0.0, 1.0, -2.5)] double alpha) => Check($"special {alpha}", bench =>
    {
        double[] special = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 1e-42, 3e38];
        Tensor source = bench.Activation(new(special.Length), special);
        Tensor sum = bench.Destination(new(special.Length), WriteMode.Accumulate);
        bench.Backend.AddScaled(sum, source, alpha);
        bench.Expect("sum", sum, new Tolerance(3, 2));
    });
}

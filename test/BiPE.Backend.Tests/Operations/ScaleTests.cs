using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class ScaleTests(BackendFixture fixture) : OperationTests(fixture)
{
    [TestCaseSource(nameof(Lengths))]
    public void MatchesTheDefinition(int length) => Check($"length {length}", bench =>
    {
        Tensor source = bench.Activation(new(length));
        Tensor scaled = bench.Destination(new(length));
        bench.Backend.Scale(scaled, source, 0.77);
        bench.Backend.Scale(source, source, -3);
        bench.Expect("scaled", scaled, new Tolerance(3));
        bench.Expect("in place", source, new Tolerance(2));
    });

    [Test]
    public void KeepsSpecialValues([Values(0.0, 1.0, -2.5)] double alpha) => Check($"special {alpha}", bench =>
    {
        double[] special = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 1e-42, 3e38];
        Tensor source = bench.Activation(new(special.Length), special);
        Tensor scaled = bench.Destination(new(special.Length));
        bench.Backend.Scale(scaled, source, alpha);
        bench.Expect("scaled", scaled, new Tolerance(3));
    });
}

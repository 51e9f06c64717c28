using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Memory;

public sealed class FillTests(BackendFixture fixture) : OperationTests(fixture)
{
    [TestCaseSource(nameof(Lengths))]
    public void SetsEveryElementAndNothingElse(int length) => Check($"length {length}", bench =>
    {
        Tensor tensor = bench.Destination(new(length));
        Tensor integers = bench.Integers(new(length), 1000);
        bench.Backend.Fill(tensor, -0.75);
        bench.Backend.Fill(integers, -12_345_678);
        bench.Expect("elements", tensor, Tolerance.Exact);
        bench.Expect("integers", integers, Tolerance.Exact);
    });

    [Test]
    public void TakesSpecialValues([Values(double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0)] double value) =>
        Check($"special {value}", bench =>
        {
            Tensor tensor = bench.Destination(new(9, 3));
            bench.Backend.Fill(tensor.Slice(1, 5), value);
            bench.Expect("elements", tensor, Tolerance.Exact);
        });

    [Test]
    public void RoundsToTheElementType() => Check("rounded", bench =>
    {
        Tensor tensor = bench.Destination(new(3));
        bench.Backend.Fill(tensor, Math.PI);
        bench.Expect("elements", tensor, new Tolerance(1));
    });
}

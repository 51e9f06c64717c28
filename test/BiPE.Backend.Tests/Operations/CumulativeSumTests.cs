using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class CumulativeSumTests(BackendFixture fixture) : OperationTests(fixture)
{
    [Test]
    public void MatchesTheDefinition([ValueSource(nameof(Widths))] int columns, [Values] bool fromEnd) => Check($"columns {columns}, {fromEnd}", bench =>
    {
        Tensor source = bench.Activation(new(3, columns));
        Tensor sums = bench.Destination(new(3, columns));
        bench.Backend.CumulativeSum(sums, source, fromEnd);
        bench.Backend.CumulativeSum(source, source, fromEnd);
        bench.Expect("sums", sums, Tolerance.Sum(columns));
        bench.Expect("in place", source, Tolerance.Sum(columns));
    });

    [Test]
    public void TakesAnyNumberOfAxesAndManyRows([Values] bool fromEnd) => Check($"many rows, {fromEnd}, {IsSimulated}", bench =>
    {
        Shape shape = IsSimulated ? new(2, 3, 5, 101) : new(4, 5, 13, 101);
        Tensor source = bench.Activation(shape);
        Tensor sums = bench.Destination(shape);
        bench.Backend.CumulativeSum(sums, source, fromEnd);
        bench.Expect("sums", sums, Tolerance.Sum(101));
    });

    [Test]
    public void TakesOneAxis([Values] bool fromEnd) => Check($"one axis, {fromEnd}", bench =>
    {
        Tensor source = bench.Activation(new(1025));
        Tensor sums = bench.Destination(new(1025));
        bench.Backend.CumulativeSum(sums, source, fromEnd);
        bench.Expect("sums", sums, Tolerance.Sum(1025));
    });
}

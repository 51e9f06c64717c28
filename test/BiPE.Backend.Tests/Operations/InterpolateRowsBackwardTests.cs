using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class InterpolateRowsBackwardTests(BackendFixture fixture) : OperationTests(fixture)
{
    [Test]
    public void MatchesTheDefinition([Values(1, 2, 17, 70)] int count, [Values(1, 2, 40)] int columns) => Check($"count {count}, columns {columns}", bench =>
    {
        Tensor table = bench.Activation(new(6, columns));
        Tensor positions = InterpolateRowsTests.Positions(bench, new(2, 3, count), columns);
        Tensor gradient = bench.Activation(new(2, 3, count));
        Tensor tableGradient = bench.Destination(new(6, columns));
        Tensor positionGradient = bench.Destination(new(2, 3, count));
        bench.Backend.InterpolateRowsBackward(tableGradient, positionGradient, gradient, table, positions);
        bench.Expect("gradient of the positions", positionGradient, InterpolateRowsTests.Bound(1));
        bench.Expect("gradient of the table", tableGradient, new(8 * columns * Math.Sqrt(1 + count), 2));
    });

    [Test]
    public void OnAColumnTheNextOneGetsNothing() => Check("infinite gradient on columns", bench =>
    {
        double[] whole = InterpolateRowsTests.WholePositions;
        Tensor table = bench.Activation(new(1, 6), InterpolateRowsTests.InfiniteColumns);
        Tensor positions = bench.Activation(new(1, whole.Length), whole);
        Tensor gradient = bench.Activation(new(1, whole.Length), [1, -1, double.PositiveInfinity, 2, 1, 1, 0.5, double.NegativeInfinity]);
        Tensor tableGradient = bench.Destination(new(1, 6));
        Tensor positionGradient = bench.Destination(new(1, whole.Length));
        bench.Backend.InterpolateRowsBackward(tableGradient, positionGradient, gradient, table, positions);
        bench.Expect("gradient of the positions", positionGradient, InterpolateRowsTests.Bound(1));
        bench.Expect("gradient of the table", tableGradient, new(8, 2));
    });
}

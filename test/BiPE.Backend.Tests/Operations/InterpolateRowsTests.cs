using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class InterpolateRowsTests(BackendFixture fixture) : OperationTests(fixture)
{
    [Test]
    public void MatchesTheDefinition([Values(1, 2, 17, 70)] int count, [Values(1, 2, 40)] int columns) => Check($"count {count}, columns {columns}", bench =>
    {
        Tensor table = bench.Activation(new(6, columns));
        Tensor positions = Positions(bench, new(2, 3, count), columns);
        Tensor result = bench.Destination(new(2, 3, count));
        bench.Backend.InterpolateRows(result, table, positions);
        bench.Expect("values", result, Bound(columns));
        bench.Backend.InterpolateRows(positions, table, positions);
        bench.Expect("in place", positions, Bound(columns));
    });

    [Test]
    public void OnAColumnTheNextOneMayBeInfinite() => Check("beside infinite columns", bench =>
    {
        Tensor table = bench.Activation(new(1, 6), InfiniteColumns);
        Tensor positions = bench.Activation(new(1, WholePositions.Length), WholePositions);
        Tensor result = bench.Destination(new(1, WholePositions.Length));
        bench.Backend.InterpolateRows(result, table, positions);
        bench.Expect("values", result, Bound(1));
    });

    /// <summary>Columns that only whole positions keep out of the others' values.</summary>
    internal static double[] InfiniteColumns => [1, double.PositiveInfinity, -2, double.NaN, double.NegativeInfinity, 3];

    /// <summary>On columns of six, at both ends and outside.</summary>
    internal static double[] WholePositions => [-1, 0, 2, 1, 3, 4, 5, 7];

    /// <summary>Between columns, on them, at both ends and outside.</summary>
    internal static Tensor Positions(Bench bench, Shape shape, int columns)
    {
        double[] values = bench.Values(shape.Count, 1);
        for (int i = 0; i < values.Length; i++)
        {
            double position = (columns + 1) * (values[i] + 1) / 2;
            values[i] = (i % 7) switch
            {
                0 => Math.Floor(position),
                1 => -position,
                2 => columns - 1,
                _ => Math.Floor(position) + 0.25 + (Math.Abs(values[i]) / 2),
            };
        }

        return bench.Activation(shape, values);
    }

    /// <summary>A position near the last column is rounded to its units, and so is the share that comes of it.</summary>
    internal static Tolerance Bound(int columns) => new(8 * columns, 2);
}

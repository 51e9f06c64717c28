using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class RmsNormBackwardTests(BackendFixture fixture) : OperationTests(fixture)
{
    [Test]
    public void MatchesTheDefinition([ValueSource(nameof(WidthsFromOne))] int columns)
    {
        foreach (int rows in (int[])[0, 1, 5])
        {
            for (int form = 0; form < 4; form++)
            {
                (WriteMode source, WriteMode weight) = (Modes[form & 1], Modes[form >> 1]);
                Check($"{rows} x {columns}, {source}, {weight}", bench => Run(bench, rows, columns, source, weight, true));
            }
        }
    }

    [Test]
    public void TakesAFrozenWeight([Values] WriteMode mode, [Values(1, 8, 67)] int columns) => Check($"frozen {columns}, {mode}", bench =>
        Run(bench, 6, columns, mode, WriteMode.Overwrite, false));

    [TestCase(700, 96)]
    [TestCase(130, 769)]
    [TestCase(3, 4100)]
    public void TakesManyRows(int rows, int columns) => Check($"{rows} x {columns}", bench =>
        Run(bench, rows, columns, WriteMode.Overwrite, WriteMode.Accumulate, true));

    private static void Run(Bench bench, int rows, int columns, WriteMode sourceMode, WriteMode weightMode, bool hasWeightGradient)
    {
        const double Epsilon = 1e-5;
        double[] values = bench.Values((long)rows * columns);
        var inverses = new double[rows];
        for (int row = 0; row < rows; row++)
        {
            double mean = values.Skip(row * columns).Take(columns).Sum(value => value * value) / columns;
            inverses[row] = 1 / Math.Sqrt(mean + Epsilon);
        }

        Tensor source = bench.Activation(new(rows, columns), values);
        Tensor weight = bench.Activation(new(columns));
        Tensor gradient = bench.Activation(new(rows, columns));
        Tensor inverse = bench.Statistic(new(rows), inverses);
        Tensor sourceGradient = bench.Destination(new(rows, columns), sourceMode);
        Tensor weightGradient = bench.StatisticDestination(new(columns), weightMode);
        bench.Backend.RmsNormBackward(
            sourceGradient, sourceMode, hasWeightGradient ? weightGradient : null, weightMode, gradient, source, inverse, weight);

        // One column alone has its inverse root mean square as amplification, and its two terms cancel.
        double largest = inverses.Append(1).Max();
        bench.Expect("gradient of the source", sourceGradient, new Tolerance(16 + Math.Sqrt(columns), 6 * largest));
        bench.Expect("gradient of the weight", weightGradient, Tolerance.Sum(rows + 1, 2));
    }
}

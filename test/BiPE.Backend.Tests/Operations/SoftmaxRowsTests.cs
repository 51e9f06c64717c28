using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class SoftmaxRowsTests(BackendFixture fixture) : OperationTests(fixture)
{
    /// <summary>An exponential of a score's rounded difference to the maximum, and a sum of positive terms.</summary>
    private static readonly Tolerance Rounded = new(32);

    [Test]
    public void MatchesTheDefinition([ValueSource(nameof(Widths))] int keys)
    {
        foreach (bool causal in (bool[])[false, true])
        {
            int queries = Math.Min(5, keys);
            Check($"keys {keys}, causal {causal}", bench => Run(bench, new(queries, keys), causal, 2));
            Check($"groups, keys {keys}, causal {causal}", bench => Run(bench, new(3, queries, keys), causal, 2));
        }
    }

    [Test]
    public void MatchesTheDefinitionWhereTheMaskIsSquare([Values(1, 2, 7, 31, 64, 97)] int length) =>
        Check($"square {length}", bench => Run(bench, new(2, length, length), causal: true, 2));

    [Test]
    public void TakesManyRows() => Check("many rows", bench => Run(bench, new(4, 128, 259), causal: true, 2));

    [Test]
    public void WorksInPlace([Values] bool causal) => Check($"in place, {causal}", bench =>
    {
        Tensor source = bench.Activation(new(9, 37));
        bench.Backend.SoftmaxRows(source, source, causal);
        bench.Expect("weights", source, Rounded);
    });

    [Test]
    public void SurvivesVeryLargeScores([Values(1e3, 1e6, 1e30, 3e38)] double scale) =>
        Check($"scale {scale}", bench =>
        {
            double[] scores = Array.ConvertAll(bench.Values(6 * 41), value => value > 0.9 ? scale : -scale);
            Tensor source = bench.Activation(new(6, 41), scores);
            Tensor weights = bench.Destination(new(6, 41));
            bench.Backend.SoftmaxRows(weights, source, causal: false);
            bench.Expect("weights", weights, Rounded);
        });

    [Test]
    public void GivesNoWeightToMinusInfinity() => Check("minus infinity", bench =>
    {
        double[] scores = bench.Values(4 * 50);
        for (int i = 0; i < scores.Length; i += 3)
        {
            scores[i] = double.NegativeInfinity;
        }

        Tensor source = bench.Activation(new(4, 50), scores);
        Tensor weights = bench.Destination(new(4, 50));
        bench.Backend.SoftmaxRows(weights, source, causal: false);
        bench.Expect("weights", weights, Rounded);
    });

    [Test]
    public void DoesNotReadBeyondTheMask() => Check("garbage beyond the mask", bench =>
    {
        double[] scores = bench.Values(20 * 20);
        for (int query = 0; query < 20; query++)
        {
            scores.AsSpan((query * 20) + query + 1, 19 - query).Fill(query % 2 == 0 ? double.NaN : double.PositiveInfinity);
        }

        Tensor source = bench.Activation(new(20, 20), scores);
        Tensor weights = bench.Destination(new(20, 20));
        bench.Backend.SoftmaxRows(weights, source, causal: true);
        bench.Expect("weights", weights, Rounded);
    });

    private static void Run(Bench bench, Shape shape, bool causal, double scale)
    {
        Tensor source = bench.Activation(shape, scale);
        Tensor weights = bench.Destination(shape);
        bench.Backend.SoftmaxRows(weights, source, causal);
        bench.Expect("weights", weights, Rounded);
    }
}

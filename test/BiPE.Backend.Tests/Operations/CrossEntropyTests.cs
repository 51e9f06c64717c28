using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class CrossEntropyTests(BackendFixture fixture) : OperationTests(fixture)
{
    private const int Ignored = -100;

    [Test]
    public void MatchesTheDefinition([ValueSource(nameof(WidthsFromOne))] int vocabulary)
    {
        foreach (bool writesGradient in (bool[])[true, false])
        {
            Check($"vocabulary {vocabulary}, {writesGradient}", bench => Run(bench, 6, vocabulary, 3, writesGradient));
        }
    }

    [TestCase(0, 5)]
    [TestCase(200, 257)]
    [TestCase(3, 32000)]
    public void TakesManyRows(int rows, int vocabulary) => Check($"{rows} x {vocabulary}", bench => Run(bench, rows, vocabulary, 3, true));

    [Test]
    public void SurvivesVeryLargeLogits([Values(100.0, 1e4, 1e8, 1.5e38)] double scale) => Check($"scale {scale}", bench =>
        Run(bench, 9, 61, scale, true));

    [Test]
    public void GivesNoWeightToMinusInfinity() => Check("minus infinity", bench =>
    {
        double[] values = bench.Values(4 * 40);
        for (int i = 1; i < values.Length; i += 2)
        {
            values[i] = double.NegativeInfinity;
        }

        Tensor logits = bench.Activation(new(4, 40), values);
        Tensor labels = bench.Integers(new(4), [0, 38, 2, 20]);
        Tensor losses = bench.StatisticDestination(new(4));
        bench.Backend.CrossEntropy(losses, logits, labels, new CrossEntropyOptions(Ignored, WritesGradient: true));
        bench.Expect("losses", losses, new Tolerance(20, 4));
        bench.Expect("gradient", logits, new Tolerance(32, 1));
    });

    [Test]
    public void GivesIgnoredRowsNeitherLossNorGradientWhateverTheirLogits() => Check("ignored", bench =>
    {
        double[] values = bench.Values(3 * 20);
        values.AsSpan(20, 20).Fill(double.NaN);
        Tensor logits = bench.Activation(new(3, 20), values);
        Tensor labels = bench.Integers(new(3), [5, 0, 19]);
        Tensor losses = bench.StatisticDestination(new(3));
        bench.Backend.CrossEntropy(losses, logits, labels, new CrossEntropyOptions(IgnoredLabel: 0, WritesGradient: true, 0.25));
        bench.Expect("losses", losses, new Tolerance(20, 4));
        bench.Expect("gradient", logits, new Tolerance(32, 1));
    });

    private static void Run(Bench bench, int rows, int vocabulary, double scale, bool writesGradient)
    {
        Tensor logits = bench.Activation(new(rows, vocabulary), scale);
        int[] targets = [.. Enumerable.Range(0, rows).Select(_ => bench.Random.Next(5) == 0 ? Ignored : bench.Random.Next(vocabulary))];
        Tensor labels = bench.Integers(new(rows), targets);
        Tensor losses = bench.StatisticDestination(new(rows));
        bench.Backend.CrossEntropy(losses, logits, labels, new CrossEntropyOptions(Ignored, writesGradient, 0.125));

        // The loss is a difference of numbers of the logits' size; the gradient exponentiates differences of that size.
        bench.Expect("losses", losses, new Tolerance(20, scale * 4));
        if (writesGradient)
        {
            bench.Expect("gradient", logits, new Tolerance(32, Math.Min(scale, 100)));
        }
        else
        {
            bench.MayBeWritten(logits);
        }
    }
}

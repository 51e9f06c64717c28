using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Positions;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Positions.Scores;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;
using BiPE.Cuda;
using BiPE.Testing;

namespace BiPE.Core.Tests.Positions.Scores;

/// <summary>CoPE against the formulas of its paper (Golovneva et al. 2024, arXiv 2405.18719, section 4), in loops and float64.</summary>
public sealed class CopeTests
{
    private const int Rows = 4;
    private static readonly AttentionShape Shape = new(Batch: 2, Time: 11, HeadCount: 4, KeyValueHeadCount: 2, HeadDimension: 6);

    /// <summary>Token 1 closes a segment; the second row ends with one.</summary>
    private static readonly int[] Tokens = [0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1];

    [TestCase("reference", 1e-12)]
    [TestCase("cpu", 3e-6)]
    [TestCase(TestBackends.Simulated, 3e-6)]
    public void ValuesAreThePapers(string backendName, double tolerance)
    {
        using ITensorBackend backend = TestBackends.Create(backendName);
        foreach (PositionStream over in (PositionStream[])[PositionStream.Token, PositionStream.Segment])
        {
            (double[] found, double[] packed, double[] table) = Run(backend, over);
            Assert.That(found, Is.EqualTo(Naive(packed, table, over)).Within(tolerance), $"{over}");
        }
    }

    [Test]
    public void NarrowActivationsAreCountedInFloat32()
    {
        // In bfloat16 positions around 10 would be off by up to 1/32 each; what remains is the rounding of operands and results.
        using ITensorBackend backend = SimulatedCuda.Open(CudaPrecision.BFloat16);
        (double[] found, double[] packed, double[] table) = Run(backend, PositionStream.Token);
        Assert.That(found, Is.EqualTo(Naive(packed, table, PositionStream.Token)).Within(0.01));
    }

    [Test]
    public void PositionsReachTheLastRowAndNoFarther()
    {
        using var backend = new ReferenceBackend();
        (_, double[] packed, _) = Run(backend, PositionStream.Token);
        double largest = Enumerable.Range(0, Shape.Time).Max(i => Position(packed, 0, 0, i, 0, PositionStream.Token));
        Assert.That(largest, Is.GreaterThan(Rows - 1), "the case has positions beyond the table");
    }

    [Test]
    public void WithASegmentATokenTheBilevelFormIsThePlainOne()
    {
        using var backend = new ReferenceBackend();
        int[] separators = [.. Enumerable.Repeat(1, Tokens.Length)];
        Assert.That(Run(backend, PositionStream.Segment, separators).Found, Is.EqualTo(Run(backend, PositionStream.Token, separators).Found));
        Assert.That(Run(backend, PositionStream.Segment).Found, Is.Not.EqualTo(Run(backend, PositionStream.Token).Found));
    }

    private static (double[] Found, double[] Packed, double[] Table) Run(ITensorBackend backend, PositionStream over, int[]? tokens = null)
    {
        var random = new Random(4);
        var cope = new Cope(backend, over, layers: 2, Shape.HeadDimension, Rows);
        foreach (Parameter parameter in cope.Parameters)
        {
            backend.WriteDoubles(parameter.Value, Numbers(Rows * Shape.HeadDimension));
        }

        using var tape = new Tape(backend, isRecording: false);
        Tensor packed = tape.Scope.Allocate(new Shape(22, 48));
        backend.WriteDoubles(packed, Numbers(22 * 48));
        var streams = new PositionStreams(tokens ?? Tokens, Shape.Batch, Shape.Time, new SeparatorSegmenter([1]));
        var terms = new AttentionTerms(null, null) { Scores = new ScoreTerms(cope, streams, 0, Shape.Time) };
        double[] found = backend.ReadDoubles(ComposedAttention.Attend(tape, Tape.Constant(packed), Shape, terms, layer: 1).Value);
        double[] table = backend.ReadDoubles(cope.Parameters[1].Value);
        double[] rounded = backend.ReadDoubles(packed);
        foreach (Parameter parameter in cope.Parameters)
        {
            parameter.Release();
        }

        return (found, rounded, table);

        double[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => 3 * (random.NextDouble() - 0.5))];
    }

    private static double[] Naive(double[] packed, double[] table, PositionStream over)
    {
        int size = Shape.HeadDimension;
        var result = new double[Shape.Batch * Shape.Time * Shape.HeadCount * size];
        for (int row = 0; row < Shape.Batch; row++)
        {
            for (int head = 0; head < Shape.HeadCount; head++)
            {
                for (int i = 0; i < Shape.Time; i++)
                {
                    double[] scores = [.. Enumerable.Range(0, i + 1).Select(j =>
                    {
                        double position = Math.Min(Position(packed, row, head, i, j, over), Rows - 1);
                        int below = (int)Math.Floor(position);
                        int above = (int)Math.Ceiling(position);
                        double share = position - below;
                        return Score(packed, row, head, i, j) + ((1 - share) * Embedded(row, head, i, below)) + (share * Embedded(row, head, i, above));
                    })];
                    double sum = scores.Sum(Math.Exp);
                    for (int j = 0; j <= i; j++)
                    {
                        for (int d = 0; d < size; d++)
                        {
                            result[(((((row * Shape.Time) + i) * Shape.HeadCount) + head) * size) + d] +=
                                Math.Exp(scores[j]) / sum * Element(packed, row, j, 6 + (head / 2), d);
                        }
                    }
                }
            }
        }

        return result;

        double Embedded(int row, int head, int i, int position) =>
            Enumerable.Range(0, size).Sum(d => Element(packed, row, i, head, d) * table[(position * size) + d]);
    }

    /// <summary>The gates from the key to the query, added up.</summary>
    private static double Position(double[] packed, int row, int head, int i, int j, PositionStream over) => Enumerable.Range(j, i - j + 1)
        .Where(k => over == PositionStream.Token || Tokens[(row * Shape.Time) + k] == 1)
        .Sum(k => 1 / (1 + Math.Exp(-Score(packed, row, head, i, k))));

    private static double Score(double[] packed, int row, int head, int i, int j) =>
        Enumerable.Range(0, Shape.HeadDimension).Sum(d => Element(packed, row, i, head, d) * Element(packed, row, j, 4 + (head / 2), d)) / Math.Sqrt(Shape.HeadDimension);

    /// <summary>Slots of a token: four query heads, two key heads, two value heads.</summary>
    private static double Element(double[] packed, int row, int time, int slot, int d) =>
        packed[(((((row * Shape.Time) + time) * 8) + slot) * Shape.HeadDimension) + d];
}

using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Positions;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Core.Tests.Positions.Encodings;

/// <summary>Every encoding of the attention against its paper's formula, on random queries, keys, values and learned numbers.</summary>
public sealed class AttentionEncodingTests
{
    private const int Batch = 2;
    private const int Time = 21;

    /// <summary>CoPE reads scores, so it has tests of its own; of the others, only FIRE's bias depends on where the query is.</summary>
    private static readonly string[] ReadScores = ["cope"];
    private static readonly string[] NotRelative = ["fire"];

    private static IEnumerable<string> Encodings => EncodingCases.Attention.Except(ReadScores);

    [Test]
    public void AttentionIsThePapersFormula([ValueSource(nameof(Encodings))] string encoding, [Values] bool bilevel)
    {
        using var backend = new ReferenceBackend();
        using var checking = new ValidatingBackend(backend);
        using Subject subject = new(checking, encoding, bilevel);
        PositionStreams positions = Streams();
        double[] found = subject.Attend(positions);
        double[] expected = subject.Naive(encoding, positions[bilevel ? PositionStream.Segment : PositionStream.Token], bilevel);
        Assert.That(found, Is.EqualTo(expected).Within(1e-10));
    }

    [Test]
    public void OnlyDistancesCountWhereTheDefinitionSaysSo([ValueSource(nameof(Encodings))] string encoding, [Values] bool bilevel)
    {
        using var backend = new ReferenceBackend();
        using Subject subject = new(backend, encoding, bilevel);
        PositionStreams positions = Streams();
        PositionStream over = bilevel ? PositionStream.Segment : PositionStream.Token;
        PositionStreams moved = positions.With(over, [.. positions[over].ToArray().Select(id => id + 9)]);
        double[] before = subject.Attend(positions);
        double[] after = subject.Attend(moved);
        double difference = before.Zip(after).Max(pair => Math.Abs(pair.First - pair.Second));
        Assert.That(difference, NotRelative.Contains(encoding) ? Is.GreaterThan(1e-4) : Is.LessThan(1e-10));
    }

    [TestCase("rope", 1 << 30)]
    [TestCase("t5", 1 << 30)]
    [TestCase("fire", 46_400)]
    public void ATableThatNoArrayHoldsIsToldInASentence(string encoding, int position)
    {
        using var backend = new ReferenceBackend();
        using Subject subject = new(backend, encoding, bilevel: false);
        PositionStreams positions = Streams();
        int[] ids = [.. positions[PositionStream.Token]];
        ids[^1] = position;
        Assert.That(
            () => subject.Attend(positions.With(PositionStream.Token, ids)),
            Throws.TypeOf<BipeException>().With.Message.Contains("--block-size").And.Message.Contains("at most"));
    }

    [Test]
    public void FireRefusesAProductWhoseLogarithmFloat32DoesNotKnow()
    {
        using var backend = new ReferenceBackend();
        Assert.That(
            () => New(0.001), Throws.TypeOf<BipeException>().With.Message.Contains("initial_c (1E-06) times initial_threshold (0.001) is 1E-09, expected at least 1.19E-07"));
        foreach (Parameter parameter in New(0.2).Parameters)
        {
            parameter.Release();
        }

        IAttentionEncoding New(double threshold) => Fire.Kind.Create(new EncodingContext(
            backend, EncodingCases.Config("fire"), PositionStream.Token, Fire.Kind,
            new Dictionary<string, double> { ["initial_c"] = 1e-6, ["initial_threshold"] = threshold }))!;
    }

    [Test]
    public void PartialRopeLeavesTheRestOfAHead()
    {
        using var backend = new ReferenceBackend();
        using Subject subject = new(backend, "rope", bilevel: false, partial: 0.5);
        double[] found = subject.Attend(Streams());
        double[] expected = subject.Naive("rope", Streams()[PositionStream.Token], bilevel: false, rotated: 4);
        Assert.That(found, Is.EqualTo(expected).Within(1e-10));
    }

    private static PositionStreams Streams()
    {
        var random = new Random(3);
        int[] tokens = [.. Enumerable.Range(0, Batch * Time).Select(_ => random.Next(3))];
        return new PositionStreams(tokens, Batch, Time, new Core.Positions.Segments.SeparatorSegmenter([0]));
    }

    /// <summary>An encoding with queries, keys and values of two key heads.</summary>
    private sealed class Subject : IDisposable
    {
        private const int HeadCount = 6;
        private const int KeyHeads = 2;
        private const int Size = 8;
        private readonly ITensorBackend _backend;
        private readonly IAttentionEncoding? _encoding;
        private readonly AttentionShape _shape = new(Batch, Time, HeadCount, KeyHeads, Size);
        private readonly double[] _packed;
        private readonly Dictionary<string, double> _options;
        private readonly Dictionary<string, double[]> _learned = [];

        public Subject(ITensorBackend backend, string encoding, bool bilevel, double partial = 1)
        {
            _backend = backend;
            _options = EncodingCases.OptionsOf(encoding) ?? [];
            AttentionEncodingKind kind = PositionEncodingRegistry.Attention.Single(known => known.Name == encoding);
            ModelConfig config = EncodingCases.Config(encoding) with { HiddenSize = HeadCount * Size, PartialRotaryFactor = partial };
            _encoding = kind.Create(new EncodingContext(backend, config, bilevel ? PositionStream.Segment : PositionStream.Token, kind, _options));
            var random = new Random(8);
            foreach (Parameter parameter in _encoding?.Parameters ?? [])
            {
                double[] values = [.. Enumerable.Range(0, (int)parameter.Value.Count).Select(_ => (2 * random.NextDouble()) - 1)];
                backend.WriteDoubles(parameter.Value, values);
                _learned.Add(parameter.Name[$"model.{encoding}.".Length..], values);
            }

            _packed = [.. Enumerable.Range(0, Batch * Time * (HeadCount + (2 * KeyHeads)) * Size).Select(_ => 3 * random.NextDouble() - 1.5)];
        }

        public double[] Attend(PositionStreams positions)
        {
            using var tape = new Tape(_backend, isRecording: false);
            AttentionTerms terms = _encoding?.Build(tape, positions, _shape) ?? new AttentionTerms(null, null);
            Tensor packed = tape.Scope.Allocate(new Shape(Batch * Time, (HeadCount + (2 * KeyHeads)) * Size));
            _backend.WriteDoubles(packed, _packed);
            Variable variable = Tape.Constant(packed);
            if (terms.Rotary is { } rotary)
            {
                variable = tape.RotateInPlace(
                    variable, new Shape(Batch, Time, HeadCount + (2 * KeyHeads), Size), rotary.Rotations(HeadCount, KeyHeads));
            }

            return _backend.ReadDoubles(tape.Attention(variable, _shape, terms.Bias).Value);
        }

        public double[] Naive(string encoding, ReadOnlySpan<int> positions, bool bilevel, int rotated = Size)
        {
            var naive = new NaiveScores(HeadCount, _options, _learned);
            var result = new double[Batch * Time * HeadCount * Size];
            for (int row = 0; row < Batch; row++)
            {
                for (int query = 0; query < Time; query++)
                {
                    for (int head = 0; head < HeadCount; head++)
                    {
                        var weights = new double[query + 1];
                        for (int key = 0; key <= query; key++)
                        {
                            double[] q = Vector(row, query, head);
                            double[] k = Vector(row, key, HeadCount + (head / (HeadCount / KeyHeads)));
                            int i = positions[(row * Time) + query];
                            int j = positions[(row * Time) + key];
                            double score = rotated == Size
                                ? naive.Score(encoding, q, k, head, i, j, bilevel)
                                : ((naive.Score(encoding, q[..rotated], k[..rotated], head, i, j, bilevel) * Math.Sqrt(rotated))
                                    + q[rotated..].Zip(k[rotated..]).Sum(pair => pair.First * pair.Second)) / Math.Sqrt(Size);
                            weights[key] = Math.Exp(score);
                        }

                        double sum = weights.Sum();
                        for (int key = 0; key <= query; key++)
                        {
                            double[] value = Vector(row, key, HeadCount + KeyHeads + (head / (HeadCount / KeyHeads)));
                            for (int element = 0; element < Size; element++)
                            {
                                result[((((row * Time) + query) * HeadCount) + head) * Size + element] += weights[key] / sum * value[element];
                            }
                        }
                    }
                }
            }

            return result;
        }

        public void Dispose()
        {
            _encoding?.Dispose();
            foreach (Parameter parameter in _encoding?.Parameters ?? [])
            {
                parameter.Release();
            }
        }

        private double[] Vector(int row, int time, int head)
        {
            int first = ((((row * Time) + time) * (HeadCount + (2 * KeyHeads))) + head) * Size;
            return _packed[first..(first + Size)];
        }
    }
}

using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Positions;
using BiPE.Core.Positions.Embeddings;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Core.Tests.Positions.Encodings;

/// <summary>Every encoding of the embedding against its formula.</summary>
public sealed class EmbeddingEncodingTests
{
    private const int Hidden = 6;

    private static IEnumerable<string> Encodings => EncodingCases.Embeddings;

    [Test]
    public void EmbeddingsAreTheFormulas([ValueSource(nameof(Encodings))] string encoding, [Values(PositionStream.Token, PositionStream.Offset)] PositionStream over)
    {
        using var backend = new ReferenceBackend();
        using var tape = new Tape(backend, isRecording: false);
        ModelConfig config = EncodingCases.Config("rope") with { HiddenSize = Hidden, HeadCount = 3, KeyValueHeadCount = 3, TrainScale = 4, InitializerRange = 0.3, PadTokenId = null };
        EmbeddingEncodingKind kind = PositionEncodingRegistry.Embeddings.Single(known => known.Name == encoding);
        IEmbeddingEncoding? subject = kind.Create(new EncodingContext(backend, config, over, kind, Given: null));
        var positions = new PositionStreams([1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1], 2, 6, new SeparatorSegmenter([0]));
        var random = new Random(2);
        double[] hidden = [.. Enumerable.Range(0, 12 * Hidden).Select(_ => random.NextDouble() - 0.5)];
        double[] table = [.. Enumerable.Range(0, 4 * Hidden).Select(_ => random.NextDouble() - 0.5)];
        foreach (Parameter parameter in subject?.Parameters ?? [])
        {
            backend.WriteDoubles(parameter.Value, table);
        }

        Tensor tensor = tape.Scope.Allocate(new Shape(12, Hidden));
        backend.WriteDoubles(tensor, hidden);
        Variable result = subject?.Apply(tape, Tape.Constant(tensor), positions) ?? Tape.Constant(tensor);
        var expected = new double[hidden.Length];
        for (int n = 0; n < 12; n++)
        {
            int p = positions[over][n];
            for (int e = 0; e < Hidden; e++)
            {
                expected[(n * Hidden) + e] = Expected(encoding, hidden[(n * Hidden)..((n + 1) * Hidden)], table, p, e);
            }
        }

        Assert.That(backend.ReadDoubles(result.Value), Is.EqualTo(expected).Within(1e-12));
        (subject as IDisposable)?.Dispose();
        foreach (Parameter parameter in subject?.Parameters ?? [])
        {
            parameter.Release();
        }
    }

    [TestCase("sinusoidal")]
    [TestCase("rotary")]
    public void ATableThatNoArrayHoldsIsToldInASentence(string encoding)
    {
        using var backend = new ReferenceBackend();
        using var tape = new Tape(backend, isRecording: false);
        EmbeddingEncodingKind kind = PositionEncodingRegistry.Embeddings.Single(known => known.Name == encoding);
        IEmbeddingEncoding subject = kind.Create(new EncodingContext(backend, EncodingCases.Config("rope"), PositionStream.Token, kind, Given: null))!;
        PositionStreams positions = new PositionStreams([1, 1], 1, 2, new SeparatorSegmenter([0])).With(PositionStream.Token, [0, 1 << 30]);
        Variable hidden = Tape.Constant(tape.Scope.Allocate(new Shape(2, EncodingCases.Config("rope").HiddenSize)));
        Assert.That(
            () => subject.Apply(tape, hidden, positions), Throws.TypeOf<BipeException>().With.Message.Contains("--block-size").And.Message.Contains("at most"));
        (subject as IDisposable)?.Dispose();
    }

    private static double Expected(string encoding, double[] x, double[] table, int p, int e)
    {
        const int Half = Hidden / 2;
        double angle = p * Math.Pow(10000, -2.0 * (e % Half) / Hidden);
        return encoding switch
        {
            "none" => x[e],
            "learned" => x[e] + table[(Math.Min(p, 3) * Hidden) + e],

            // Vaswani et al. 2017, section 3.5.
            "sinusoidal" when e % 2 == 0 => x[e] + (0.3 * Math.Sin(p / Math.Pow(10000, (double)e / Hidden))),
            "sinusoidal" => x[e] + (0.3 * Math.Cos(p / Math.Pow(10000, (double)(e - 1) / Hidden))),

            // Su et al. 2021, equation 13, halves paired.
            "rotary" when e < Half => (x[e] * Math.Cos(angle)) - (x[e + Half] * Math.Sin(angle)),
            "rotary" => (x[e] * Math.Cos(angle)) + (x[e - Half] * Math.Sin(angle)),
            _ => throw new InvalidOperationException($"There is no naive form of {encoding}; write one from its paper."),
        };
    }
}

using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Positions;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;
using BiPE.Cpu;
using BiPE.Testing;

namespace BiPE.Core.Tests.Model;

/// <summary>Rows of several documents that see nothing of each other.</summary>
public sealed class PackedDocumentsTests
{
    /// <summary>The reference's encodings, and those that read the scores.</summary>
    private static readonly string[] Encodings = [.. TinyModels.Encodings, "cope", "bipe_cope"];

    /// <summary>Lengths of the documents of each row; 12 tokens a row.</summary>
    private static readonly int[][] Rows = [[5, 1, 6], [12], [1, 11], [4, 4, 4]];

    [TestCaseSource(nameof(Encodings))]
    public void LossesAndGradientsArePreciselyThoseOfTheDocumentsAlone(string encoding)
    {
        using var backend = new ReferenceBackend();
        RequireSameAsAlone(backend, encoding, 1e-12);
    }

    [TestCaseSource(nameof(Encodings))]
    public void LossesAndGradientsOnTheCpuAreThoseOfTheDocumentsAlone(string encoding)
    {
        using var backend = new CpuBackend();
        RequireSameAsAlone(backend, encoding, 2e-5);
    }

    [Test]
    public void WithoutDocumentsTheLossesAreOthers()
    {
        using var backend = new ReferenceBackend();
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("bipe_rope"));
        (int[] tokens, int[] documents) = Packed();
        double[] packed = Losses(backend, model, new TokenBatch(tokens, Rows.Length, documents: documents));
        double[] joined = Losses(backend, model, new TokenBatch(tokens, Rows.Length));

        Assert.That(packed[..4], Is.EqualTo(joined[..4]).Within(1e-12), "nothing is before the first document");
        Assert.That(packed[4], Is.Zero, "its last token has no label");
        Assert.That(Math.Abs(packed[8] - joined[8]), Is.GreaterThan(1e-6));
    }

    [Test]
    public void IdsStartAnewInEveryDocument()
    {
        // 0 is the separator.
        int[] tokens = [5, 0, 5, 0, 5, 5, 0, 5];
        int[] documents = [0, 0, 0, 1, 1, 1, 7, 7];
        var streams = new PositionStreams(tokens, 2, 4, new SeparatorSegmenter([0]), documents);

        Assert.That(streams[PositionStream.Token].ToArray(), Is.EqualTo(new[] { 0, 1, 2, 0, 0, 1, 0, 1 }), "the second row starts anew though the document goes on");
        Assert.That(streams[PositionStream.Segment].ToArray(), Is.EqualTo(new[] { 0, 0, 1, 0, 0, 0, 0, 1 }));
        Assert.That(streams[PositionStream.Offset].ToArray(), Is.EqualTo(new[] { 0, 1, 0, 0, 0, 1, 0, 0 }));
    }

    [Test]
    public void DocumentsThatDoNotFitAreRefused()
    {
        Assert.That(() => new TokenBatch([1, 2, 3, 4], 2, documents: [0, 0, 0]), Throws.ArgumentException);
        Assert.That(() => new TokenBatch([1, 2, 3, 4], 2, documents: [1, 0, 0, 0]), Throws.ArgumentException);
        Assert.That(new TokenBatch([1, 2, 3, 4], 2, documents: [1, 1, 0, 0]).LabelCount, Is.EqualTo(2), "rows are independent");
        Assert.That(() => new PositionStreams([1, 2], 1, 2, new SeparatorSegmenter([]), [0]), Throws.ArgumentException);
        using var backend = new ReferenceBackend();
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("rope"));
        Assert.That(() => model.LossesInChunks(new TokenBatch([1, 2, 3], 1, documents: [0, 0, 1]), 2), Throws.ArgumentException.With.Message.Contains("chunks"));
    }

    private static void RequireSameAsAlone(ITensorBackend backend, string encoding, double tolerance)
    {
        using var checking = new ValidatingBackend(backend);
        using LanguageModel model = TinyModels.Create(checking, TinyModels.WithBiases(encoding));
        (int[] tokens, int[] documents) = Packed();
        double[] packed = Losses(checking, model, new TokenBatch(tokens, Rows.Length, documents: documents));
        double[][] gradients = TakeGradients(checking, model);
        var alone = new List<double>();
        int start = 0;
        foreach (int length in Rows.SelectMany(lengths => lengths))
        {
            alone.AddRange(Losses(checking, model, new TokenBatch(tokens[start..(start + length)], 1)));
            start += length;
        }

        Assert.That(packed, Is.EqualTo(alone).Within(tolerance));
        double[][] expected = TakeGradients(checking, model);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.That(gradients[i], Is.EqualTo(expected[i]).Within(tolerance * (1 + expected[i].Max(Math.Abs))), model.Parameters[i].Name);
        }
    }

    private static (int[] Tokens, int[] Documents) Packed()
    {
        var random = new Random(3);
        return (
            [.. Enumerable.Range(0, 12 * Rows.Length).Select(_ => random.Next(22))],
            [.. Rows.SelectMany(lengths => lengths.SelectMany((length, document) => Enumerable.Repeat(document, length)))]);
    }

    private static double[] Losses(ITensorBackend backend, LanguageModel model, TokenBatch batch)
    {
        using var tape = new Tape(backend, isRecording: true);
        Tensor losses = model.Losses(tape, batch);
        tape.Backward();
        return backend.ReadDoubles(losses);
    }

    private static double[][] TakeGradients(ITensorBackend backend, LanguageModel model)
    {
        double[][] gradients = [.. model.Parameters.Select(parameter => backend.ReadDoubles(parameter.Gradient))];
        foreach (Parameter parameter in model.Parameters)
        {
            parameter.ClearGradient();
        }

        return gradients;
    }
}

using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Core.Tests.Model;

public sealed class ModelGradientTests
{
    [TestCaseSource(typeof(TinyModels), nameof(TinyModels.Encodings))]
    public void EveryParametersGradientMatchesFiniteDifferences(string encoding)
    {
        foreach ((bool tied, bool biased) in new[] { (false, false), (true, false), (false, true) })
        {
            using var backend = new ReferenceBackend();
            using var checking = new ValidatingBackend(backend);
            using LanguageModel model = TinyModels.Create(checking, biased ? TinyModels.WithBiases(encoding) : TinyModels.Config(encoding, tied));
            TokenBatch batch = TinyModels.Batch();
            Differentiate(model, batch);
            var random = new Random(5);
            foreach (Parameter parameter in model.Parameters)
            {
                double[] gradient = checking.ReadDoubles(parameter.Gradient);
                double scale = gradient.Max(Math.Abs);
                Assert.That(scale, Is.GreaterThan(0), parameter.Name);
                for (int probe = 0; probe < 12; probe++)
                {
                    int index = random.Next(gradient.Length);
                    if (IsPadding(parameter, index) && !tied)
                    {
                        Assert.That(gradient[index], Is.Zero, $"{parameter.Name}[{index}], padding");
                        continue;
                    }

                    double expected = IsPadding(parameter, index) ? double.NaN : Difference(model, batch, parameter, index);
                    if (!double.IsNaN(expected))
                    {
                        Assert.That(gradient[index], Is.EqualTo(expected).Within(1e-6 * scale), $"{parameter.Name}[{index}], tied {tied}");
                    }
                }
            }
        }
    }

    [TestCaseSource(typeof(TinyModels), nameof(TinyModels.Encodings))]
    public void RecomputingGivesTheSameBits(string encoding)
    {
        using var backend = new ReferenceBackend();
        using LanguageModel model = TinyModels.Create(backend, TinyModels.WithBiases(encoding));
        double loss = Differentiate(model, TinyModels.Batch());
        double[][] gradients = [.. model.Parameters.Select(parameter => backend.ReadDoubles(parameter.Gradient))];
        foreach (Recompute recompute in (Recompute[])[Recompute.FeedForward, Recompute.Layers])
        {
            model.Recompute = recompute;
            Assert.That(Differentiate(model, TinyModels.Batch()), Is.EqualTo(loss));
            for (int i = 0; i < gradients.Length; i++)
            {
                Assert.That(backend.ReadDoubles(model.Parameters[i].Gradient), Is.EqualTo(gradients[i]), $"{recompute}: {model.Parameters[i].Name}");
            }
        }
    }

    [Test]
    public void GradientsOfTwoBatchesAddUp()
    {
        using var backend = new ReferenceBackend();
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("bipe_rope"));
        TokenBatch whole = TinyModels.Batch();
        Differentiate(model, whole);
        double[][] expected = [.. model.Parameters.Select(parameter => backend.ReadDoubles(parameter.Gradient))];
        Clear(model);
        int[] tokens = whole.Tokens;
        foreach (int[] row in new[] { tokens[..12], tokens[12..] })
        {
            using var tape = new Tape(backend, isRecording: true);
            model.Losses(tape, new TokenBatch(row, 1), 1.0 / whole.LabelCount);
            tape.Backward();
        }

        for (int i = 0; i < expected.Length; i++)
        {
            Assert.That(
                backend.ReadDoubles(model.Parameters[i].Gradient), Is.EqualTo(expected[i]).Within(1e-14), model.Parameters[i].Name);
        }
    }

    [Test]
    public void NothingIsLeftAllocatedAfterAStep()
    {
        using var backend = new ReferenceBackend();
        using (LanguageModel model = TinyModels.Create(backend, TinyModels.Config("bipe_alibi")))
        {
            Differentiate(model, TinyModels.Batch());
            int live = backend.Memory.LiveBuffers;
            Differentiate(model, TinyModels.Batch());
            Assert.That(backend.Memory.LiveBuffers, Is.EqualTo(live));
        }

        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [TestCaseSource(typeof(TinyModels), nameof(TinyModels.Encodings))]
    public void EvaluationGivesTheLossesOfTraining(string encoding)
    {
        using var backend = new ReferenceBackend();
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config(encoding));
        using var recording = new Tape(backend, isRecording: true);
        using var plain = new Tape(backend, isRecording: false);
        double[] expected = backend.ReadDoubles(model.Losses(recording, TinyModels.Batch()));
        Assert.That(backend.ReadDoubles(model.Losses(plain, TinyModels.Batch())), Is.EqualTo(expected));
        Assert.That(plain.NodeCount, Is.Zero);
    }

    private static double Differentiate(LanguageModel model, TokenBatch batch)
    {
        Clear(model);
        using var tape = new Tape(model.Backend, isRecording: true);
        Tensor losses = model.Losses(tape, batch, 1.0 / batch.LabelCount);
        tape.Backward();
        return model.Backend.ReadDoubles(losses).Sum() / batch.LabelCount;
    }

    private static void Clear(LanguageModel model)
    {
        foreach (Parameter parameter in model.Parameters)
        {
            parameter.ClearGradient();
        }
    }

    private static bool IsPadding(Parameter parameter, int index) => parameter.PaddingRow >= 0 && index / parameter.Shape.Last == parameter.PaddingRow;

    private static double Difference(LanguageModel model, TokenBatch batch, Parameter parameter, int index)
    {
        const double Step = 1e-5;
        double[] values = model.Backend.ReadDoubles(parameter.Value);
        double original = values[index];
        double difference = (MeanLossAt(original + Step) - MeanLossAt(original - Step)) / (2 * Step);
        MeanLossAt(original);
        return difference;

        double MeanLossAt(double value)
        {
            values[index] = value;
            model.Backend.WriteDoubles(parameter.Value, values);
            using var tape = new Tape(model.Backend, isRecording: false);
            return model.Backend.ReadDoubles(model.Losses(tape, batch)).Sum() / batch.LabelCount;
        }
    }
}

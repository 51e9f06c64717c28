using System.Text.Json;
using BiPE.Core.Autograd;
using BiPE.Core.Checkpoints;
using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Core.Model;
using BiPE.Core.Optimization;
using BiPE.Core.Optimization.Schedules;
using BiPE.Core.Tensors;

namespace BiPE.Core.Tests.Golden;

/// <summary>The reference's twenty training steps: losses, gradient norms, learning rates, and the parameters after them.</summary>
public sealed class GoldenTrainingTests
{
    public static IEnumerable<TestCaseData> Models() => GoldenSet.Cases("bipe_rope", "alibi");

    [TestCaseSource(nameof(Models))]
    public void TwentySteps(string backendName, bool whole, string encoding)
    {
        GoldenSet golden = GoldenSet.Open(whole);
        JsonElement description = golden.Json("training", $"{encoding}.json");
        JsonElement settings = description.GetProperty("optimizer");
        JsonElement rates = description.GetProperty("schedule");
        using SafetensorsFile arrays = golden.Arrays("training", $"{encoding}.safetensors");
        using ITensorBackend backend = TestBackends.Create(backendName);
        using LanguageModel model = HuggingFaceFolder.Load(backend, golden.PathOf("models", encoding));
        using var optimizer = new AdamW(backend, model.Parameters, new AdamWSettings
        {
            Beta1 = settings.GetProperty("betas")[0].GetDouble(),
            Beta2 = settings.GetProperty("betas")[1].GetDouble(),
            Epsilon = settings.GetProperty("eps").GetDouble(),
            WeightDecay = settings.GetProperty("weight_decay").GetDouble(),
            MaximumGradientNorm = settings.GetProperty("max_gradient_norm").GetDouble(),
        });
        ILearningRateSchedule schedule = LearningRateSchedules.Create(
            "polynomial", rates.GetProperty("learning_rate").GetDouble(),
            rates.GetProperty("warmup_steps").GetInt64(), rates.GetProperty("training_steps").GetInt64());

        SafetensorsEntry batches = arrays.Entries["batches"];
        var tokens = new long[batches.Count];
        arrays.ReadIntegers("batches", 0, tokens);
        double[] expectedRates = Doubles(arrays, "learning_rates");
        double[] expectedLosses = Doubles(arrays, "losses");
        double[] expectedNorms = Doubles(arrays, "gradient_norms");
        int rows = (int)batches.Shape[1];
        int size = rows * (int)batches.Shape[2];
        bool exact = backendName == "reference";
        for (int step = 0; step < expectedLosses.Length; step++)
        {
            var batch = new TokenBatch([.. tokens.Skip(step * size).Take(size).Select(token => (int)token)], rows);
            using (var tape = new Tape(backend, isRecording: true))
            {
                Tensor losses = model.Losses(tape, batch, 1.0 / batch.LabelCount);
                tape.Backward();
                double loss = backend.ReadDoubles(losses).Sum() / batch.LabelCount;
                Assert.That(loss, Is.EqualTo(expectedLosses[step]).Within(exact ? 1e-10 : 3e-5), $"loss of step {step}");
            }

            Assert.That(optimizer.GradientNorm(), Is.EqualTo(expectedNorms[step]).Within(exact ? 1e-9 : 3e-4), $"gradient norm of step {step}");
            Assert.That(schedule.RateAt(step), Is.EqualTo(expectedRates[step]).Within(1e-15), $"learning rate of step {step}");
            optimizer.Step(schedule.RateAt(step));
        }

        if (whole)
        {
            CheckParameters(model, arrays, exact);
        }
    }

    private static void CheckParameters(LanguageModel model, SafetensorsFile arrays, bool exact)
    {
        double squares = 0;
        double largest = 0;
        long off = 0;
        long count = 0;
        foreach ((Parameter parameter, ParameterPart part) in model.Parameters.SelectMany(p => p.Parts.Select(part => (p, part))))
        {
            double[] expected = Doubles(arrays, $"after.{part.Name}");
            double[] found = model.Backend.ReadDoubles(parameter.Master.Slice(part.FirstRow, part.RowCount));
            for (int i = 0; i < found.Length; i++)
            {
                double difference = Math.Abs(found[i] - expected[i]);
                squares += difference * difference;
                largest = Math.Max(largest, difference);
                off += difference > 1e-5 ? 1 : 0;
                count++;
            }
        }

        Assert.That(Math.Sqrt(squares / count), Is.LessThan(exact ? 5e-8 : 1e-6), "root mean square");
        Assert.That(largest, Is.LessThan(exact ? 5e-7 : 5e-4), "largest difference");
        Assert.That((double)off / count, Is.LessThan(1e-4), "share of parameters off by more than 1e-5");
    }

    private static double[] Doubles(SafetensorsFile arrays, string name)
    {
        var values = new double[arrays.Entries[name].Count];
        arrays.ReadDoubles(name, 0, values);
        return values;
    }
}

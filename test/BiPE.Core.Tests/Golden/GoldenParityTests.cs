using System.Text.Json;
using BiPE.Core.Autograd;
using BiPE.Core.Checkpoints;
using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Core.Tests.Golden;

/// <summary>
/// Logits, losses and gradients of the reference's models: on the float64 backend to the last digit stored, on the others
/// within the tolerances that the golden numbers recommend for float32.
/// </summary>
public sealed class GoldenParityTests
{
    public static IEnumerable<TestCaseData> Models() => GoldenSet.Cases("rope", "alibi", "bipe_rope", "bipe_alibi");

    [TestCaseSource(nameof(Models))]
    public void ForwardAndGradients(string backendName, bool whole, string encoding)
    {
        GoldenSet golden = GoldenSet.Open(whole);
        JsonElement description = golden.Json("forward", $"{encoding}.json");
        using SafetensorsFile arrays = golden.Arrays("forward", $"{encoding}.safetensors");
        using ITensorBackend backend = TestBackends.Create(backendName);
        using LanguageModel model = HuggingFaceFolder.Load(backend, golden.PathOf("models", encoding));
        int checkedCases = 0;
        foreach (JsonProperty item in description.GetProperty("cases").EnumerateObject())
        {
            if (backendName == "reference" && item.Name == "very_long" && encoding is not "bipe_rope")
            {
                // One model shows the long case in float64; the scalar loops of all four would take a minute.
                continue;
            }

            var bounds = GoldenBounds.For(backendName, item.Name, encoding);
            CheckCase(model, arrays, item.Name, item.Value, bounds, $"{encoding} {item.Name}");
            checkedCases++;
        }

        Assert.That(checkedCases, Is.GreaterThan(0));
    }

    [Test]
    public void ChangedSettings(
        [Values("reference", "cpu")] string backendName,
        [Values("rope", "alibi", "bipe_rope", "bipe_alibi")] string encoding)
    {
        GoldenSet golden = GoldenSet.Open(whole: true);
        JsonElement description = golden.Json("options", $"{encoding}.json");
        using SafetensorsFile arrays = golden.Arrays("options", $"{encoding}.safetensors");
        using ITensorBackend backend = TestBackends.Create(backendName);
        ModelConfig original = ModelConfigReader.Read(golden.PathOf("models", encoding));
        foreach (JsonProperty item in description.GetProperty("cases").EnumerateObject())
        {
            JsonElement changed = item.Value.GetProperty("changed_settings");
            ModelConfig config = original with
            {
                LogScale = changed.TryGetProperty("log_scale", out JsonElement logScale) && logScale.GetBoolean(),
                RotaryScaling = changed.TryGetProperty("rope_scaling", out JsonElement scaling)
                    ? new RotaryScalingConfig(scaling.GetProperty("type").GetString()!, scaling.GetProperty("factor").GetDouble())
                    : null,
            };
            using LanguageModel model = HuggingFaceFolder.Load(backend, golden.PathOf("models", encoding), config);
            if (item.Name == "dynamic_short_after_long")
            {
                // The reference keeps the frequencies of the longest text it has seen. Ours depend on the current length alone,
                // so the short text after a long one gives the numbers of the short text.
                int[] shortTokens = Integers(arrays, $"{item.Name}.input_ids", out int rows);
                Assert.That(
                    LossesOf(model, shortTokens, rows),
                    Is.EqualTo(Doubles(arrays, "dynamic_short.token_losses")).Within(GoldenBounds.For(backendName, "short", encoding).Losses), item.Name);
                continue;
            }

            CheckCase(model, arrays, item.Name, item.Value, GoldenBounds.For(backendName, item.Name, encoding), $"{encoding} {item.Name}");
        }
    }

    [Test]
    public void LossesOfScaledModels(
        [ValueSource(typeof(TestBackends), nameof(TestBackends.Names))] string backendName, [Values("rope", "bipe_rope")] string encoding)
    {
        GoldenSet golden = GoldenSet.Open(whole: false);
        using SafetensorsFile arrays = golden.Arrays("options", $"{encoding}.safetensors");
        using ITensorBackend backend = TestBackends.Create(backendName);
        ModelConfig original = ModelConfigReader.Read(golden.PathOf("models", encoding));
        var types = new HashSet<string>();
        foreach (JsonProperty item in golden.Json("options", $"{encoding}.json").GetProperty("cases").EnumerateObject())
        {
            JsonElement scaling = item.Value.GetProperty("changed_settings").GetProperty("rope_scaling");
            string type = scaling.GetProperty("type").GetString()!;
            ModelConfig config = original with { RotaryScaling = new RotaryScalingConfig(type, scaling.GetProperty("factor").GetDouble()) };
            using LanguageModel model = HuggingFaceFolder.Load(backend, golden.PathOf("models", encoding), config);
            double[] losses = LossesOf(model, Integers(arrays, $"{item.Name}.input_ids", out int rows), rows);
            GoldenBounds bounds = GoldenBounds.For(backendName, item.Name, encoding);
            Assert.That(losses, Is.EqualTo(Doubles(arrays, $"{item.Name}.token_losses")).Within(bounds.Losses), item.Name);
            Assert.That(losses.Average(), Is.EqualTo(item.Value.GetProperty("mean_loss").GetDouble()).Within(bounds.MeanLoss), item.Name);
            types.Add(type);
        }

        Assert.That(types, Is.EquivalentTo(["linear", "dynamic"]));
    }

    private static void CheckCase(LanguageModel model, SafetensorsFile arrays, string name, JsonElement expected, GoldenBounds bounds, string what)
    {
        int[] tokens = Integers(arrays, $"{name}.input_ids", out int batchSize);
        var batch = new TokenBatch(tokens, batchSize);
        using (var tape = new Tape(model.Backend, isRecording: false))
        {
            Variable hidden = model.Forward(tape, batch);
            int[] positions = arrays.Entries.ContainsKey($"{name}.logit_positions")
                ? Integers(arrays, $"{name}.logit_positions", out _)
                : [.. Enumerable.Range(0, batch.Time)];
            double[] logits = Doubles(arrays, $"{name}.logits");
            double[] ours = model.Backend.ReadDoubles(model.Logits(tape, hidden).Value);
            int vocabulary = model.Config.VocabularySize;
            for (int row = 0, at = 0; row < batchSize; row++)
            {
                foreach (int position in positions)
                {
                    double[] found = ours.AsSpan(((row * batch.Time) + position) * vocabulary, vocabulary).ToArray();
                    Assert.That(found, Is.EqualTo(logits.AsSpan(at, vocabulary).ToArray()).Within(bounds.Logits), $"{what}, logits at [{row}, {position}]");
                    at += vocabulary;
                }
            }
        }

        Assert.That(LossesOf(model, tokens, batchSize), Is.EqualTo(Doubles(arrays, $"{name}.token_losses")).Within(bounds.Losses), $"{what}, losses");
        foreach (Parameter parameter in model.Parameters)
        {
            parameter.ClearGradient();
        }

        using var recording = new Tape(model.Backend, isRecording: true);
        Tensor losses = model.Losses(recording, batch, 1.0 / batch.LabelCount);
        recording.Backward();
        Assert.That(
            model.Backend.ReadDoubles(losses).Sum() / batch.LabelCount,
            Is.EqualTo(expected.GetProperty("mean_loss").GetDouble()).Within(bounds.MeanLoss), $"{what}, mean loss");
        CheckGradients(model, arrays, name, expected.GetProperty("gradient_norms"), bounds, what);
    }

    private static void CheckGradients(
        LanguageModel model, SafetensorsFile arrays, string name, JsonElement norms, GoldenBounds bounds, string what)
    {
        int count = 0;
        foreach (Parameter parameter in model.Parameters)
        {
            foreach (ParameterPart part in parameter.Parts)
            {
                double[] gradient = model.Backend.ReadDoubles(parameter.Gradient.Slice(part.FirstRow, part.RowCount));
                double norm = norms.GetProperty(part.Name).GetDouble();
                Assert.That(Norm(gradient), Is.EqualTo(norm).Within(bounds.Gradients * norm), $"{what}, norm of the gradient of {part.Name}");
                count++;
                if (arrays.Entries.ContainsKey($"{name}.gradient.{part.Name}"))
                {
                    double[] expected = Doubles(arrays, $"{name}.gradient.{part.Name}");
                    double[] difference = [.. gradient.Zip(expected, (a, b) => a - b)];

                    // The stored gradient is rounded to float32, half a unit in the last place of each element.
                    Assert.That(Norm(difference), Is.LessThan((bounds.Gradients + 6e-8) * norm), $"{what}, gradient of {part.Name}");
                }
            }
        }

        Assert.That(count, Is.EqualTo(norms.EnumerateObject().Count()), $"{what}: every gradient has a recorded norm");
    }

    private static double[] LossesOf(LanguageModel model, int[] tokens, int batchSize)
    {
        var batch = new TokenBatch(tokens, batchSize);
        using var tape = new Tape(model.Backend, isRecording: false);
        double[] losses = model.Backend.ReadDoubles(model.Losses(tape, batch));
        return [.. losses.Where((_, index) => (index + 1) % batch.Time != 0)];
    }

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(value => value * value));

    private static double[] Doubles(SafetensorsFile arrays, string name)
    {
        var values = new double[arrays.Entries[name].Count];
        arrays.ReadDoubles(name, 0, values);
        return values;
    }

    private static int[] Integers(SafetensorsFile arrays, string name, out int rows)
    {
        SafetensorsEntry entry = arrays.Entries[name];
        var values = new long[entry.Count];
        arrays.ReadIntegers(name, 0, values);
        rows = (int)entry.Shape[0];
        return [.. values.Select(value => (int)value)];
    }
}

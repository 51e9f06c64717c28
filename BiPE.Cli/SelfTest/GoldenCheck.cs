using System.Text.Json;
using BiPE.Core.Autograd;
using BiPE.Core.Checkpoints;
using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Cli.SelfTest;

/// <summary>Logits, losses and norms of gradients of one encoding's model against the reference implementation's.</summary>
/// <param name="golden">Recorded numbers.</param>
/// <param name="encoding">Encoding.</param>
internal sealed class GoldenCheck(GoldenFiles golden, string encoding) : ISelfTestCheck
{
    public string Name => $"reference {encoding}";

    public (bool Passed, string Detail) Run(ITensorBackend backend)
    {
        using SafetensorsFile arrays = golden.Arrays("forward", encoding);
        using LanguageModel model = HuggingFaceFolder.Load(backend, golden.Model(encoding));
        double logits = 0;
        double loss = 0;
        double gradients = 0;
        int cases = 0;
        foreach (JsonProperty item in golden.Json("forward", encoding).GetProperty("cases").EnumerateObject())
        {
            var batch = new TokenBatch(arrays.Integers($"{item.Name}.input_ids"), (int)arrays.Entries[$"{item.Name}.input_ids"].Shape[0]);
            logits = Math.Max(logits, LogitsError(model, batch, arrays, item.Name));
            foreach (Parameter parameter in model.Parameters)
            {
                parameter.ClearGradient();
            }

            using var tape = new Tape(backend, isRecording: true);
            Tensor losses = model.Losses(tape, batch, 1.0 / batch.LabelCount);
            tape.Backward();
            double expected = item.Value.GetProperty("mean_loss").GetDouble();
            loss = Math.Max(loss, Math.Abs((backend.ReadDoubles(losses).Sum() / batch.LabelCount) - expected) / expected);
            gradients = Math.Max(gradients, GradientError(model, item.Value.GetProperty("gradient_norms")));
            cases++;
        }

        SelfTestBounds bounds = SelfTestBounds.Of(backend);
        bool passed = cases > 0 && logits <= bounds.Logits && loss <= bounds.Loss && gradients <= bounds.Gradients;
        return (passed, FormattableString.Invariant(
            $"{cases} cases, logits within {logits:G2}, mean loss within {loss:G2} and norms of gradients within {gradients:G2} relative"));
    }

    private static double LogitsError(LanguageModel model, TokenBatch batch, SafetensorsFile arrays, string name)
    {
        using var tape = new Tape(model.Backend, isRecording: false);
        double[] found = model.Backend.ReadDoubles(model.Logits(tape, model.Forward(tape, batch)).Value);
        double[] expected = arrays.Doubles($"{name}.logits");
        int[] positions = arrays.Entries.ContainsKey($"{name}.logit_positions")
            ? arrays.Integers($"{name}.logit_positions")
            : [.. Enumerable.Range(0, batch.Time)];
        int vocabulary = model.Config.VocabularySize;
        double worst = 0;
        int at = 0;
        for (int row = 0; row < batch.Batch; row++)
        {
            foreach (int position in positions)
            {
                for (int i = 0; i < vocabulary; i++)
                {
                    worst = Math.Max(worst, Math.Abs(found[((((long)row * batch.Time) + position) * vocabulary) + i] - expected[at++]));
                }
            }
        }

        return worst;
    }

    private static double GradientError(LanguageModel model, JsonElement norms)
    {
        double worst = 0;
        foreach ((Parameter parameter, ParameterPart part) in model.Parameters.SelectMany(p => p.Parts.Select(part => (p, part))))
        {
            double expected = norms.GetProperty(part.Name).GetDouble();
            double[] gradient = model.Backend.ReadDoubles(parameter.Gradient.Slice(part.FirstRow, part.RowCount));
            double norm = Math.Sqrt(gradient.Sum(value => value * value));
            worst = Math.Max(worst, Math.Abs(norm - expected) / Math.Max(expected, 1e-12));
        }

        return worst;
    }
}

using System.Diagnostics;
using BiPE.Core.Data;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tokenization;
using BiPE.Core.Training;

namespace BiPE.Cli.Quickstart;

/// <summary>A size of byte-level model.</summary>
/// <param name="HiddenSize">Width.</param>
/// <param name="LayerCount">Layers.</param>
internal sealed record ModelSize(int HiddenSize, int LayerCount)
{
    /// <summary>Fewest bytes a parameter that a model should be trained on; below, a smaller model learns more in the same time.</summary>
    private const double BytesPerParameter = 3;

    private const int MeasuredSteps = 4;

    private static readonly ModelSize[] FromSmallest = [new(96, 3), new(128, 4), new(192, 4), new(256, 6), new(384, 8), new(512, 10)];

    /// <summary>The largest size that learns enough in a time on this machine, and how many steps that time gives.</summary>
    /// <param name="backend">Where it will be trained; its speed is measured with a few steps.</param>
    /// <param name="tokens">Text to measure with.</param>
    /// <param name="plan">Lengths and batches; its size and steps are not read.</param>
    /// <param name="time">Time of one training.</param>
    public static (ModelSize Size, long Steps) For(ITensorBackend backend, ITokenSource tokens, QuickstartPlan plan, TimeSpan time)
    {
        var tokenizer = new ByteTokenizer();
        (ModelSize Size, long Steps)? best = null;
        foreach (ModelSize size in FromSmallest)
        {
            ModelConfig config = QuickstartPlan.Architecture("bipe_rope", size.HiddenSize, size.LayerCount, plan.TrainLength, tokenizer);
            long bytesPerStep = (long)plan.BatchSize * plan.TrainLength;
            long steps = Math.Max(10, (long)(time.TotalSeconds / SecondsPerStep(backend, tokens, plan, config)));
            double parameters = MemoryPlan.ForTraining(config, plan.BatchSize, recomputesLayers: false).Parameters / sizeof(float);
            if (best is not null && steps * bytesPerStep < BytesPerParameter * parameters)
            {
                break;
            }

            best = (size, steps);
        }

        return best!.Value;
    }

    private static double SecondsPerStep(ITensorBackend backend, ITokenSource tokens, QuickstartPlan plan, ModelConfig config)
    {
        using var model = new LanguageModel(backend, config);
        Initialiser.Initialise(model, 1);
        using var trainer = new Trainer(model, tokens, plan.Training() with { MaxSteps = 1000 });
        trainer.RunStep();
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < MeasuredSteps; i++)
        {
            trainer.RunStep();
        }

        return watch.Elapsed.TotalSeconds / MeasuredSteps;
    }
}

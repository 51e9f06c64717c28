using System.Diagnostics;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tokenization;
using BiPE.Core.Training;

namespace BiPE.Cli.Quickstart;

/// <summary>Finds the largest model that learns enough in a time on this machine.</summary>
/// <param name="backend">Where models will be trained; its speed is measured with a few steps.</param>
/// <param name="data">Text to measure with.</param>
internal sealed class QuickstartPlanner(ITensorBackend backend, TrainingData data)
{
    /// <summary>Fewest bytes a parameter that a model should be trained on; below, a smaller model learns more in the same time.</summary>
    private const double BytesPerParameter = 3;

    private const int MeasuredSteps = 4;
    private const long FewestSteps = 10;

    /// <summary>Makes the plan of a quickstart.</summary>
    /// <param name="text">Where the text is from.</param>
    /// <param name="seed">Seed of the trainings.</param>
    /// <param name="time">Time of one training.</param>
    /// <param name="cancellation">Stops measuring.</param>
    public QuickstartPlan Plan(string text, long seed, TimeSpan time, CancellationToken cancellation)
    {
        QuickstartPlan? best = null;
        foreach (ModelSize size in ModelSize.FromSmallest)
        {
            cancellation.ThrowIfCancellationRequested();
            var plan = new QuickstartPlan { Text = text, Size = size, Steps = 1000, Seed = seed };
            using var model = new LanguageModel(backend, plan.Config("bipe_rope", new ByteTokenizer()));
            plan = plan with { Steps = Math.Max(FewestSteps, (long)(time.TotalSeconds / SecondsPerStep(model, plan.Training()))) };
            if (best is not null && plan.TrainingBytes < BytesPerParameter * model.ParameterCount)
            {
                break;
            }

            best = plan;
        }

        return best!;
    }

    private double SecondsPerStep(LanguageModel model, TrainingOptions options)
    {
        Initialiser.Initialise(model, options.Seed);
        using var trainer = new Trainer(model, data, options);
        trainer.RunStep();
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < MeasuredSteps; i++)
        {
            trainer.RunStep();
        }

        return watch.Elapsed.TotalSeconds / MeasuredSteps;
    }
}

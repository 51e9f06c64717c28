using System.Diagnostics;
using BiPE.Core.Evaluation;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Training;

namespace BiPE.Cli.Benchmark.Steps;

/// <summary>Whole passes of one model over random tokens, each timed by itself.</summary>
/// <param name="backend">The device.</param>
/// <param name="threads">Threads it computes with.</param>
/// <param name="name">Name of the model.</param>
/// <param name="config">The model.</param>
internal sealed class StepBenchmark(ITensorBackend backend, int threads, string name, ModelConfig config)
{
    /// <summary>Told after each pass.</summary>
    public Action? Passed { get; init; }

    /// <summary>Trains for some steps.</summary>
    /// <param name="batchSize">Blocks of a step.</param>
    /// <param name="blockSize">Tokens of a block.</param>
    /// <param name="warmUp">Steps that are not timed, which compile and allocate.</param>
    /// <param name="steps">Steps that are.</param>
    /// <param name="recompute">What is computed again in the backward pass.</param>
    /// <param name="cancellation">Stops between steps.</param>
    public StepRate Train(int batchSize, int blockSize, int warmUp, int steps, Recompute recompute, CancellationToken cancellation)
    {
        ModelConfig trained = config with { TrainScale = blockSize };
        using var model = new LanguageModel(backend, trained);
        Initialiser.Initialise(model, seed: 1);
        using var data = new TrainingData(RandomText.Source(trained, (warmUp + (long)steps) * batchSize * blockSize), "random tokens", "");
        using var trainer = new Trainer(model, data, new TrainingOptions
        {
            MaxSteps = warmUp + steps, BatchSize = batchSize, WarmupSteps = 0, Recompute = recompute,
        });
        double loss = 0;
        double flops = (double)batchSize * blockSize * FlopCount.TrainingPerToken(trained, blockSize);
        return Measure("training", model, batchSize, blockSize, warmUp, steps, flops, () => loss = trainer.RunStep().Loss, cancellation) with { Loss = loss };
    }

    /// <summary>Scores one block several times, as <c>bipe eval</c> does.</summary>
    /// <param name="blockSize">Tokens of the block.</param>
    /// <param name="warmUp">Passes that are not timed.</param>
    /// <param name="steps">Passes that are.</param>
    /// <param name="cancellation">Stops between passes.</param>
    public StepRate Evaluate(int blockSize, int warmUp, int steps, CancellationToken cancellation)
    {
        using var model = new LanguageModel(backend, config, ModelUse.Evaluation);
        Initialiser.Initialise(model, seed: 1);
        model.Freeze();
        var evaluator = new PerplexityEvaluator(model);
        int[] tokens = RandomText.Tokens(config, blockSize);
        double loss = 0;
        double flops = blockSize * FlopCount.ForwardPerToken(config, blockSize);
        return Measure(
            "evaluation", model, 1, blockSize, warmUp, steps, flops,
            () => loss = evaluator.TokenLosses(tokens, cancellation).Average(), cancellation) with { Loss = loss };
    }

    private StepRate Measure(
        string pass, LanguageModel model, int batchSize, int blockSize, int warmUp, int steps, double flops, Action run, CancellationToken cancellation)
    {
        var times = new List<double>();
        for (int step = 0; step < warmUp + steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            run();
            backend.Synchronize();
            if (step >= warmUp)
            {
                times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            Passed?.Invoke();
        }

        double median = Timing.MedianOf(times);
        return new StepRate(
            pass, name, config.PositionEncoding, model.ParameterCount, model.IsFrozen ? backend.Info.EvaluationPrecision : backend.Info.TrainingPrecision,
            threads, batchSize, blockSize, steps,
            median, times.Min(), times.Max(), batchSize * blockSize / median, flops / median, 0, ResidentMemory.Peak);
    }
}

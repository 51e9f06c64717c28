using System.Diagnostics;
using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Training;

namespace BiPE.Cli.Benchmark;

/// <summary>Training and evaluation of a whole model on random tokens.</summary>
internal static class ModelBenchmark
{
    private const int WarmUpSteps = 2;

    /// <summary>Most tokens that an evaluation computes at once, but at least one block.</summary>
    private const int EvaluatedTokens = 8192;

    /// <summary>Trains for some steps.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rates">What the device reaches.</param>
    /// <param name="batchSize">Blocks of a step.</param>
    /// <param name="steps">Steps to time, after two that are not.</param>
    /// <param name="recompute">What is computed again in the backward pass.</param>
    /// <param name="cancellation">Stops between steps.</param>
    public static TrainingRate Train(
        LanguageModel model, DeviceRates rates, int batchSize, int steps, Recompute recompute, CancellationToken cancellation)
    {
        long blocks = batchSize * (steps + (long)WarmUpSteps);
        using var data = new TrainingData(RandomText.Source(model.Config, blocks * model.Config.TrainScale), "random tokens", "");
        using var trainer = new Trainer(model, data, new TrainingOptions
        {
            MaxSteps = steps + WarmUpSteps, BatchSize = batchSize, WarmupSteps = 1, Recompute = recompute,
        });
        for (int step = 0; step < WarmUpSteps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            trainer.RunStep();
        }

        model.Backend.Synchronize();
        long reserved = model.Backend.Memory.Reserved;
        var watch = Stopwatch.StartNew();
        double loss = 0;
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            loss = trainer.RunStep().Loss;
        }

        model.Backend.Synchronize();
        double seconds = watch.Elapsed.TotalSeconds / steps;
        double tokensPerSecond = trainer.TokensPerStep / seconds;
        double share = tokensPerSecond * FlopCount.TrainingPerToken(model.Config, model.Config.TrainScale) / rates.ProductFlops;
        MemoryUse memory = model.Backend.Memory;
        return new TrainingRate(
            batchSize, model.Config.TrainScale, steps, seconds, tokensPerSecond, share, memory.Peak, memory.Reserved, memory.Reserved - reserved, loss);
    }

    /// <summary>Evaluates blocks of a length.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rates">What the device reaches.</param>
    /// <param name="blockSize">Tokens of a block.</param>
    /// <param name="tokensOfStep">Tokens of a training step; as many are evaluated at once, within bounds.</param>
    public static EvaluationRate Evaluate(LanguageModel model, DeviceRates rates, int blockSize, int tokensOfStep)
    {
        int blocks = Math.Max(1, Math.Min(EvaluatedTokens, tokensOfStep) / blockSize);
        var batch = new TokenBatch(RandomText.Tokens(model.Config, blocks * blockSize), blocks);
        double seconds = Timing.Seconds(model.Backend, () =>
        {
            using var tape = new Tape(model.Backend, isRecording: false);
            _ = model.Backend.ReadFloats(model.Losses(tape, batch));
        });
        double tokensPerSecond = blocks * blockSize / seconds;
        double share = tokensPerSecond * FlopCount.ForwardPerToken(model.Config, blockSize) / rates.ProductFlops;
        return new EvaluationRate(blockSize, blocks, seconds, tokensPerSecond, share);
    }
}

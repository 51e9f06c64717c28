using BiPE.Core.Model;
using BiPE.Core.Optimization;

namespace BiPE.Core.Training;

/// <summary>What decides the course of a training run; the defaults are the reference's train.sh.</summary>
public sealed record TrainingOptions
{
    /// <summary>Optimizer steps of the whole run; learning-rate schedules end here.</summary>
    public required long MaxSteps { get; init; }

    /// <summary>Blocks run at once.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Tokens of a block; null for the model's train_scale. The model itself stays as it is.</summary>
    public int? BlockLength { get; init; }

    /// <summary>
    /// Positions that blocks show to the model by skipping some (<see cref="Positions.PositionSkipping"/>): tokens, or segments of a
    /// bilevel model; null for no skips.
    /// </summary>
    public int? PoseLength { get; init; }

    /// <summary>Batches whose gradients make one step.</summary>
    public int GradientAccumulation { get; init; } = 1;

    /// <summary>Name of the learning-rate schedule: polynomial, cosine or constant.</summary>
    public string Schedule { get; init; } = "polynomial";

    /// <summary>Largest learning rate.</summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>Steps over which the rate rises from 0.</summary>
    public long WarmupSteps { get; init; } = 10_000;

    /// <summary>Optimizer settings.</summary>
    public AdamWSettings Optimizer { get; init; } = new();

    /// <summary>Seed of initialisation and of the order of blocks.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What documents of one block know of each other.</summary>
    public DocumentPacking Packing { get; init; } = DocumentPacking.Concatenate;

    /// <summary>Share of each corpus' tokens, the last ones, that is not learned from; 0 to below 1.</summary>
    public double HeldOut { get; init; }

    /// <summary>What is computed again in the backward pass to save memory.</summary>
    public Recompute Recompute { get; init; }

    /// <summary>Blocks a step.</summary>
    public int BlocksPerStep => BatchSize * GradientAccumulation;

    /// <summary>Checks every value.</summary>
    /// <exception cref="BipeException">A value is out of range.</exception>
    public void Validate()
    {
        Require(MaxSteps > 0, "--max-steps", MaxSteps, "a positive number");
        Require(BatchSize > 0, "--batch-size", BatchSize, "a positive number");
        Require(BlockLength is null or >= 2, "--block-size", BlockLength ?? 0, "at least 2");
        Require(PoseLength is null or >= 2, "--pose-length", PoseLength ?? 0, "at least 2");
        Require(GradientAccumulation > 0, "--gradient-accumulation", GradientAccumulation, "a positive number");
        Require(
            (long)BatchSize * GradientAccumulation <= int.MaxValue, "--batch-size times --gradient-accumulation", (double)BatchSize * GradientAccumulation,
            $"at most {int.MaxValue} blocks a step");
        Require(WarmupSteps >= 0, "--warmup-steps", WarmupSteps, "a number that is not negative");
        Require(LearningRate >= 0 && double.IsFinite(LearningRate), "--learning-rate", LearningRate, "a number that is not negative");
        Require(HeldOut is >= 0 and < 1, "--hold-out", HeldOut, "a number from 0 to below 1");
        Optimizer.Validate();

        static void Require(bool holds, string name, double value, string wanted)
        {
            if (!holds)
            {
                throw new BipeException($"{name} is {value}, expected {wanted}.");
            }
        }
    }
}

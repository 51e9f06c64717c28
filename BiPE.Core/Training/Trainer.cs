using System.Diagnostics;
using BiPE.Core.Autograd;
using BiPE.Core.Data;
using BiPE.Core.Model;
using BiPE.Core.Optimization;
using BiPE.Core.Optimization.Schedules;
using BiPE.Core.Tensors;

namespace BiPE.Core.Training;

/// <summary>
/// Takes training steps. Everything a step depends on is the parameters, the optimizer's moments and the number of steps taken,
/// so a trainer that is given these back goes on bit for bit.
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly ILearningRateSchedule _schedule;
    private readonly int _blockLength;

    /// <summary>Prepares training; allocates the optimizer's moments.</summary>
    /// <param name="model">The model, initialised or loaded.</param>
    /// <param name="data">What to learn from.</param>
    /// <param name="options">The run's settings.</param>
    /// <exception cref="BipeException">A setting is out of range, a corpus has fewer tokens than one block of the model's train_scale, or does not know its documents where they matter.</exception>
    public Trainer(LanguageModel model, TrainingData data, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Model = model;
        Options = options;
        _blockLength = model.Config.TrainScale;
        ITokenSource[] sources = [.. data.Sources.Select(source => source.ForTraining(options.HeldOut))];
        if (options.Packing == DocumentPacking.Documents && Array.FindIndex(sources, source => source is not IDocumentSource) is var number and >= 0)
        {
            throw new BipeException($"'{data.Sources[number].Name}' does not know where its documents start, so --packing documents cannot keep them apart.");
        }

        Blocks = new BlockMixture(sources, data.WholeWeights, _blockLength, options.Seed);
        _schedule = LearningRateSchedules.Create(options.Schedule, options.LearningRate, options.WarmupSteps, options.MaxSteps);
        model.RecomputesLayers = options.RecomputesLayers;
        Optimizer = new AdamW(model.Backend, model.Parameters, options.Optimizer);
    }

    /// <summary>The model being trained.</summary>
    public LanguageModel Model { get; }

    /// <summary>The run's settings.</summary>
    public TrainingOptions Options { get; }

    /// <summary>The optimizer with its moments.</summary>
    public AdamW Optimizer { get; }

    /// <summary>The order in which blocks are read.</summary>
    public BlockMixture Blocks { get; }

    /// <summary>Steps taken.</summary>
    public long Step => Optimizer.StepCount;

    /// <summary>Tokens read so far.</summary>
    public long TokensSeen => Step * TokensPerStep;

    /// <summary>Tokens a step reads.</summary>
    public long TokensPerStep => (long)Options.BlocksPerStep * _blockLength;

    /// <summary>Takes the next step.</summary>
    /// <exception cref="BipeException">Loss or gradient is not a number; parameters and moments are as before the step.</exception>
    public StepReport RunStep()
    {
        var watch = Stopwatch.StartNew();
        TokenBatch[] batches = [.. Enumerable.Range(0, Options.GradientAccumulation).Select(ReadBatch)];
        int labels = batches.Sum(batch => batch.LabelCount);
        if (labels == 0)
        {
            throw new BipeException($"Step {Step + 1} has nothing to predict: every label is the padding token or starts a document.");
        }

        double lossSum = 0;
        foreach (TokenBatch batch in batches)
        {
            using var tape = new Tape(Model.Backend, isRecording: true);
            Tensor losses = Model.Losses(tape, batch, 1.0 / labels);
            tape.Backward();
            lossSum += Model.Backend.ReadDoubles(losses).Sum();
        }

        double loss = lossSum / labels;
        double norm = Optimizer.GradientNorm();
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
        {
            foreach (Parameter parameter in Model.Parameters)
            {
                parameter.ClearGradient();
            }

            throw new BipeException(
                $"Training diverged at step {Step + 1}: the loss is {loss}, the gradient norm {norm}; go on from the last checkpoint with a lower --learning-rate or a longer --warmup-steps.");
        }

        double rate = _schedule.RateAt(Step);
        Optimizer.Step(rate);
        return new StepReport(Step, loss, norm, rate, TokensPerStep, watch.Elapsed.TotalSeconds);
    }

    /// <summary>Gives the optimizer's memory back; the model stays.</summary>
    public void Dispose() => Optimizer.Dispose();

    private TokenBatch ReadBatch(int micro)
    {
        var tokens = new int[Options.BatchSize * _blockLength];
        int[]? documents = Options.Packing == DocumentPacking.Documents ? new int[tokens.Length] : null;
        long first = (Step * Options.BlocksPerStep) + ((long)micro * Options.BatchSize);
        for (int row = 0; row < Options.BatchSize; row++)
        {
            int start = row * _blockLength;
            Blocks.ReadBlock(first + row, tokens.AsSpan(start, _blockLength), documents is null ? default : documents.AsSpan(start, _blockLength));
        }

        return new TokenBatch(tokens, Options.BatchSize, Model.Config.PadTokenId ?? TokenBatch.IgnoredLabel, documents);
    }
}

using System.Diagnostics;
using BiPE.Core.Autograd;
using BiPE.Core.Data;
using BiPE.Core.Model;
using BiPE.Core.Optimization;
using BiPE.Core.Optimization.Schedules;
using BiPE.Core.Positions;
using BiPE.Core.Positions.Rotary;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;

namespace BiPE.Core.Training;

/// <summary>
/// Takes training steps. Everything a step depends on is the parameters, the optimizer's moments and the number of steps taken,
/// so a trainer that is given these back goes on bit for bit.
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly ILearningRateSchedule _schedule;
    private readonly PositionSkipping? _skipping;

    /// <summary>Those of corpora that the model does not split as others; null if there are none.</summary>
    private readonly ISegmenter?[]? _namedSegmenters;

    /// <summary>Prepares training; allocates the optimizer's moments.</summary>
    /// <param name="model">The model, initialised or loaded.</param>
    /// <param name="data">What to learn from.</param>
    /// <param name="options">The run's settings.</param>
    /// <exception cref="BipeException">A setting is out of range or does not fit the model, a corpus has fewer tokens than one block, or does not know its documents where they matter.</exception>
    public Trainer(LanguageModel model, TrainingData data, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Model = model;
        Options = options;
        BlockLength = options.BlockLength ?? model.Config.TrainScale;
        if ((long)options.BatchSize * BlockLength > Array.MaxLength)
        {
            throw new BipeException(
                $"--batch-size {options.BatchSize} times --block-size {BlockLength} is {(long)options.BatchSize * BlockLength} tokens, expected at most {Array.MaxLength} at once; take a smaller batch, and --gradient-accumulation for more blocks a step.");
        }

        _skipping = Skipping(model.Config, options, BlockLength);
        ITokenSource[] sources = [.. data.Sources.Select(source => source.ForTraining(options.HeldOut))];
        if (options.Packing == DocumentPacking.Documents && Array.FindIndex(sources, source => source is not IDocumentSource) is var number and >= 0)
        {
            throw new BipeException($"'{data.Sources[number].Name}' does not know where its documents start, so --packing documents cannot keep them apart.");
        }

        Data = data;
        ISegmenter?[] named = [.. data.Sources.Select(source => Segmenters.CreateNamed(model.Config, source.Name))];
        _namedSegmenters = named.All(segmenter => segmenter is null) ? null : named;
        Blocks = new BlockMixture(sources, data.WholeWeights, BlockLength, options.Seed);
        _schedule = LearningRateSchedules.Create(options.Schedule, options.LearningRate, options.WarmupSteps, options.MaxSteps);
        model.Recompute = options.Recompute;
        Optimizer = new AdamW(model.Backend, model.Parameters, options.Optimizer);
    }

    /// <summary>The model being trained.</summary>
    public LanguageModel Model { get; }

    /// <summary>The run's settings.</summary>
    public TrainingOptions Options { get; }

    /// <summary>What is learned from.</summary>
    public TrainingData Data { get; }

    /// <summary>The optimizer with its moments.</summary>
    public AdamW Optimizer { get; }

    /// <summary>Numbers of the checkpoint that this run goes on from; null of a new run.</summary>
    internal TrainingState? GoesOnFrom { get; set; }

    /// <summary>Tokens of a block.</summary>
    public int BlockLength { get; }

    /// <summary>The order in which blocks are read.</summary>
    public BlockMixture Blocks { get; }

    /// <summary>Steps taken.</summary>
    public long Step => Optimizer.StepCount;

    /// <summary>Tokens read so far.</summary>
    public long TokensSeen => Step * TokensPerStep;

    /// <summary>Tokens a step reads.</summary>
    public long TokensPerStep => (long)Options.BlocksPerStep * BlockLength;

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
        foreach ((int micro, TokenBatch batch) in batches.Index())
        {
            using var tape = new Tape(Model.Backend, isRecording: true);
            PositionStreams? positions = _skipping is null
                ? Model.TrainingPositionsOf(batch, Options.Seed, FirstBlock(micro))
                : _skipping.Apply(Model.PositionsOf(batch), FirstBlock(micro));
            Tensor losses = Model.Losses(tape, batch, 1.0 / labels, positions);
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

    private static PositionSkipping? Skipping(ModelConfig config, TrainingOptions options, int blockLength)
    {
        if (options.PoseLength is not { } length)
        {
            return null;
        }

        if (!config.HasRotaryEncoding)
        {
            throw new BipeException($"--pose-length is given, but the model's encoding {config.PositionEncoding} rotates nothing; leave it out.");
        }

        if (PositionEncodingRegistry.Parse(config.PositionEncoding, "The model configuration")?.Attention.CreateTransform is not null)
        {
            throw new BipeException($"--pose-length is given, but {config.PositionEncoding} draws the positions of training itself; leave it out.");
        }

        if (config.RotaryScaling?.Type == RotaryScalings.Dynamic)
        {
            throw new BipeException("--pose-length is given, but dynamic scaling follows the length of the text, which skips do not change; take another --rope-scaling.");
        }

        return config.IsBilevel || length > blockLength
            ? new PositionSkipping(config.IsBilevel ? PositionStream.Segment : PositionStream.Token, length, options.Seed)
            : throw new BipeException($"--pose-length is {length}, expected more than the {blockLength} tokens of a block, or nothing can be skipped.");
    }

    /// <summary>Number in the run of the first block of a batch of the next step.</summary>
    private long FirstBlock(int micro) => (Step * Options.BlocksPerStep) + ((long)micro * Options.BatchSize);

    private TokenBatch ReadBatch(int micro)
    {
        var tokens = new int[Options.BatchSize * BlockLength];
        int[]? documents = Options.Packing == DocumentPacking.Documents ? new int[tokens.Length] : null;
        ISegmenter?[]? segmenters = _namedSegmenters is null ? null : new ISegmenter?[Options.BatchSize];
        long first = FirstBlock(micro);
        for (int row = 0; row < Options.BatchSize; row++)
        {
            int start = row * BlockLength;
            int source = Blocks.ReadBlock(
                first + row, tokens.AsSpan(start, BlockLength), documents is null ? default : documents.AsSpan(start, BlockLength));
            if (segmenters is not null)
            {
                segmenters[row] = _namedSegmenters![source];
            }
        }

        return new TokenBatch(tokens, Options.BatchSize, Model.Config.PadTokenId ?? TokenBatch.IgnoredLabel, documents) { Segmenters = segmenters };
    }
}

using System.CommandLine;
using System.Globalization;
using BiPE.Core.Optimization;
using BiPE.Core.Training;

namespace BiPE.Cli.Commands;

/// <summary>The options that decide a training's course; the defaults are the reference's train.sh.</summary>
internal sealed class TrainingFlags
{
    private static readonly TrainingOptions Defaults = new() { MaxSteps = 1_000_000 };

    private readonly Option<long?> _maxSteps = CommonOptions.Integer("--max-steps", $"Optimizer steps of the whole run. [default: {Defaults.MaxSteps}]", 1);
    private readonly Option<long?> _batchSize = CommonOptions.Integer("--batch-size", $"Blocks computed at once. [default: {Defaults.BatchSize}]", 1, 1 << 20);
    private readonly Option<long?> _accumulation = CommonOptions.Integer(
        "--gradient-accumulation", $"Batches whose gradients make one step. [default: {Defaults.GradientAccumulation}]", 1, 1 << 20);

    private readonly Option<double?> _learningRate = CommonOptions.Number("--learning-rate", $"Largest learning rate. [default: {Text(Defaults.LearningRate)}]");
    private readonly Option<long?> _warmup = CommonOptions.Integer("--warmup-steps", $"Steps over which the rate rises from 0. [default: {Defaults.WarmupSteps}]", 0);
    private readonly Option<string?> _schedule = new("--schedule") { Description = $"What the rate does after the warm-up. [default: {Defaults.Schedule}]" };
    private readonly Option<double?> _weightDecay = CommonOptions.Number("--weight-decay", $"AdamW's decoupled decay. [default: {Text(Defaults.Optimizer.WeightDecay)}]");
    private readonly Option<double?> _maxNorm = CommonOptions.Number(
        "--max-grad-norm", $"Gradients are scaled down to this norm; 0 for never. [default: {Text(Defaults.Optimizer.MaximumGradientNorm)}]");

    private readonly Option<double?> _beta1 = CommonOptions.Number("--adam-beta1", $"Decay of AdamW's first moment. [default: {Text(Defaults.Optimizer.Beta1)}]");
    private readonly Option<double?> _beta2 = CommonOptions.Number("--adam-beta2", $"Decay of AdamW's second moment. [default: {Text(Defaults.Optimizer.Beta2)}]");
    private readonly Option<double?> _epsilon = CommonOptions.Number("--adam-epsilon", $"Added to the root of AdamW's second moment. [default: {Text(Defaults.Optimizer.Epsilon)}]");
    private readonly Option<bool> _decayLinearOnly = new("--decay-linear-only")
    {
        Description = "Leave norms and embeddings out of weight decay; the reference decays everything.",
    };

    private readonly Option<long?> _blockSize = CommonOptions.Integer("--block-size", "Tokens of a block. [default: the model's train_scale]", 2, 1 << 30);
    private readonly Option<long?> _poseLength = CommonOptions.Integer(
        "--pose-length", "Let positions skip so that blocks show the model this many of them (PoSE): tokens, or segments of a bilevel model.", 2, 1 << 30);

    private readonly Option<string?> _recompute = RecomputeOption.Create(
        "Compute again in the backward pass what would take memory: the gates of the feed-forward layers, a seventh more work, or whole layers, a third more; the same bits. "
        + "Without a value, layers. [default: none]");

    private readonly Option<string?> _packing = new("--packing")
    {
        Description = "What documents of one block know of each other: with concatenate, attention and positions run on from one into the next; "
            + "with documents, attention stays inside each and positions start anew. [default: concatenate]",
    };

    private readonly Option<long> _seed = CommonOptions.Seed((long)Defaults.Seed);

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    public TrainingFlags(Command command)
    {
        _schedule.AcceptOnlyFromAmong("polynomial", "cosine", "constant");
        _packing.AcceptOnlyFromAmong("concatenate", "documents");
        foreach (Option option in (Option[])
            [
                _maxSteps, _blockSize, _poseLength, _batchSize, _accumulation, _learningRate, _warmup, _schedule, _weightDecay, _maxNorm, _beta1, _beta2, _epsilon,
                _decayLinearOnly, _recompute, _packing, HeldOut, _seed,
            ])
        {
            command.Options.Add(option);
        }
    }

    /// <summary><c>--hold-out X</c>.</summary>
    public Option<double?> HeldOut { get; } = CommonOptions.Number(
        "--hold-out", "Share of each corpus' tokens, its last documents, that is not learned from but evaluated on. [default: 0]", 0, 0.999);

    /// <summary>Settings of the run: flags where given, else those of the run that goes on, else the defaults.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="saved">Settings of the run that goes on, or null.</param>
    public TrainingOptions Apply(ParseResult parsed, TrainingOptions? saved)
    {
        TrainingOptions known = saved ?? Defaults;
        AdamWSettings optimizer = known.Optimizer;
        return known with
        {
            MaxSteps = parsed.GetValue(_maxSteps) ?? known.MaxSteps,
            BatchSize = (int)(parsed.GetValue(_batchSize) ?? known.BatchSize),
            BlockLength = (int?)parsed.GetValue(_blockSize) ?? known.BlockLength,
            PoseLength = (int?)parsed.GetValue(_poseLength) ?? known.PoseLength,
            GradientAccumulation = (int)(parsed.GetValue(_accumulation) ?? known.GradientAccumulation),
            LearningRate = parsed.GetValue(_learningRate) ?? known.LearningRate,
            WarmupSteps = parsed.GetValue(_warmup) ?? known.WarmupSteps,
            Schedule = parsed.GetValue(_schedule) ?? known.Schedule,
            Seed = saved is null || IsGiven(parsed, _seed) ? (ulong)parsed.GetValue(_seed) : known.Seed,
            Packing = parsed.GetValue(_packing) is { } packing ? Enum.Parse<DocumentPacking>(packing, ignoreCase: true) : known.Packing,
            HeldOut = parsed.GetValue(HeldOut) ?? known.HeldOut,
            Recompute = RecomputeOption.Of(parsed, _recompute) ?? known.Recompute,
            Optimizer = optimizer with
            {
                WeightDecay = parsed.GetValue(_weightDecay) ?? optimizer.WeightDecay,
                MaximumGradientNorm = parsed.GetValue(_maxNorm) ?? optimizer.MaximumGradientNorm,
                Beta1 = parsed.GetValue(_beta1) ?? optimizer.Beta1,
                Beta2 = parsed.GetValue(_beta2) ?? optimizer.Beta2,
                Epsilon = parsed.GetValue(_epsilon) ?? optimizer.Epsilon,
                DecaysNormsAndEmbeddings = !parsed.GetValue(_decayLinearOnly) && optimizer.DecaysNormsAndEmbeddings,
            },
        };
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}

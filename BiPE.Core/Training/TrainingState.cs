namespace BiPE.Core.Training;

/// <summary>The numbers of a run that are no tensors; they stand in training_state.json beside the optimizer's moments.</summary>
public sealed record TrainingState
{
    /// <summary>Version of the file's form.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Optimizer steps taken.</summary>
    public required long Step { get; init; }

    /// <summary>Tokens read.</summary>
    public required long TokensSeen { get; init; }

    /// <summary>Tokens of the training data, to tell another data set apart.</summary>
    public required long DataTokens { get; init; }

    /// <summary>Hash of the training data, to tell another data set apart.</summary>
    public required string DataHash { get; init; }

    /// <summary>Where the training data is; the first of several corpora.</summary>
    public required string DataPath { get; init; }

    /// <summary>The corpora, if there are several or the only one has a name.</summary>
    public IReadOnlyList<TrainingSourceState>? Sources { get; init; }

    /// <summary>How each corpus is split into segments (<see cref="Model.SegmenterConfig.Label"/>); null in older checkpoints.</summary>
    public IReadOnlyList<string>? Segmenters { get; init; }

    /// <summary>Steps that no log entry tells of yet; none in older checkpoints.</summary>
    public UnloggedSteps Unlogged { get; init; } = UnloggedSteps.None;

    /// <summary>Whether the evaluation after this step is still to come, since the run was stopped before its end.</summary>
    public bool IsEvaluationDue { get; init; }

    /// <summary>Settings of the run.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>
    /// Refuses settings that would change which blocks come next; others may change at a resume. What depends on the model is looked at when the
    /// optimizer is restored.
    /// </summary>
    /// <param name="source">The file, for the message.</param>
    /// <param name="options">Settings of the run that goes on.</param>
    /// <param name="data">Its data.</param>
    /// <exception cref="BipeException">The blocks would be others.</exception>
    public void RequireSameData(string source, TrainingOptions options, TrainingData data)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(data);
        Require(source, "--seed", Options.Seed.ToString(), options.Seed.ToString());
        Require(source, "--batch-size", Options.BatchSize.ToString(), options.BatchSize.ToString());
        Require(source, "--pose-length", Text(Options.PoseLength, "absent"), Text(options.PoseLength, "absent"));
        Require(source, "--gradient-accumulation", Options.GradientAccumulation.ToString(), options.GradientAccumulation.ToString());
        Require(source, "--packing", Options.Packing.ToString(), options.Packing.ToString());
        Require(source, "--hold-out", Options.HeldOut.ToString(), options.HeldOut.ToString());
        Require(source, "number of tokens of --data", DataTokens.ToString(), data.TokenCount.ToString());
        Require(source, "hash of --data and --weights", DataHash, data.Hash);
    }

    /// <summary>Refuses a run whose blocks have another length, or whose model splits the corpora otherwise than the checkpoint's.</summary>
    /// <param name="source">The checkpoint, for the message.</param>
    /// <param name="trainer">The run that goes on; its data is that of the checkpoint.</param>
    /// <exception cref="BipeException">Blocks or segments would be others.</exception>
    internal void RequireSameRows(string source, Trainer trainer)
    {
        // A length that is not given is the model's train_scale, and may be given at a resume.
        if ((Options.BlockLength ?? trainer.Model.Config.TrainScale) != trainer.BlockLength)
        {
            Require(source, "--block-size", Text(Options.BlockLength, "train_scale"), Text(trainer.Options.BlockLength, "train_scale"));
        }

        foreach ((string saved, string given, TrainingSource corpus) in (Segmenters ?? []).Zip(SegmentersOf(trainer), trainer.Data.Sources))
        {
            Require(source, $"segmenter of '{corpus.Name}'", saved, given);
        }
    }

    /// <summary>How a trainer's corpora are split, for <see cref="Segmenters"/>.</summary>
    internal static IReadOnlyList<string> SegmentersOf(Trainer trainer) =>
        [.. trainer.Data.Sources.Select(corpus => Positions.Segments.Segmenters.Of(trainer.Model.Config, corpus.Name).Label)];

    private static string Text(int? value, string absent) => value?.ToString() ?? absent;

    private static void Require(string source, string name, string saved, string given)
    {
        if (saved != given)
        {
            throw new BipeException(
                $"Cannot resume from '{source}': its {name} is {saved}, this run's is {given}; resume with the same, or start a new run in another --output.");
        }
    }
}

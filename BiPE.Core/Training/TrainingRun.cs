using BiPE.Core.Checkpoints;
using BiPE.Core.Training.Logs;
using BiPE.Core.Tokenization;

namespace BiPE.Core.Training;

/// <summary>The training loop: steps, log entries, evaluations, checkpoints, and a stop that loses nothing.</summary>
public sealed class TrainingRun
{
    private readonly Trainer _trainer;
    private readonly TrainingRunOptions _options;
    private readonly ITokenizer _tokenizer;
    private readonly TrainingData _data;
    private readonly IReadOnlyList<ITrainingLog> _logs;
    private UnloggedSteps _unlogged;
    private bool _isEvaluationDue;

    /// <summary>Prepares a run, new or resumed: then the log goes on as if it had not been stopped.</summary>
    /// <param name="trainer">Takes the steps.</param>
    /// <param name="tokenizer">Saved with the model.</param>
    /// <param name="data">What the trainer learns from.</param>
    /// <param name="logs">Where entries go.</param>
    /// <param name="options">What is written and when.</param>
    public TrainingRun(
        Trainer trainer, ITokenizer tokenizer, TrainingData data, IReadOnlyList<ITrainingLog> logs, TrainingRunOptions options)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        _trainer = trainer;
        _tokenizer = tokenizer;
        _data = data;
        _logs = logs;
        _options = options;

        // A trainer may have gone on since, in another run.
        TrainingState? state = trainer.GoesOnFrom is { } checkpoint && checkpoint.Step == trainer.Step ? checkpoint : null;
        _unlogged = state?.Unlogged ?? UnloggedSteps.None;
        _isEvaluationDue = state?.IsEvaluationDue ?? false;
    }

    /// <summary>Called before every step, after what was logged, evaluated and saved for the one before.</summary>
    public Action? BeforeStep { get; init; }

    /// <summary>Told of every step.</summary>
    public IProgress<StepReport>? Progress { get; init; }

    /// <summary>Called every <see cref="TrainingRunOptions.EvaluateEvery"/> steps and after the last; gives numbers for the log. One that
    /// is cancelled is made up for when the run is resumed.</summary>
    public Func<CancellationToken, IReadOnlyList<TrainingScalar>>? Evaluation { get; init; }

    /// <summary>Told the folder of every checkpoint.</summary>
    public IProgress<string>? Saved { get; init; }

    /// <summary>Trains to the last step, or until the token is cancelled: then a checkpoint is saved and the call returns.</summary>
    /// <param name="cancellation">Stops after the current step, or in an evaluation.</param>
    /// <returns>Whether the last step was reached and evaluated; then the model also stands in the output folder itself.</returns>
    /// <exception cref="BipeException">Training diverged, or something cannot be written.</exception>
    public bool Run(CancellationToken cancellation)
    {
        long last = _trainer.Options.MaxSteps;
        MakeUpForEvaluation(cancellation);
        bool saved = true;
        while (_trainer.Step < last && !cancellation.IsCancellationRequested)
        {
            BeforeStep?.Invoke();
            StepReport report = _trainer.RunStep();
            saved = false;
            Progress?.Report(report);
            Log(report);
            if (_options.EvaluateEvery > 0 && (Due(_options.EvaluateEvery) || _trainer.Step == last))
            {
                Evaluate(cancellation);
            }

            if (Due(_options.SaveEvery))
            {
                Save();
                saved = true;
            }
        }

        if (!saved)
        {
            Save();
        }

        if (_trainer.Step < last || _isEvaluationDue)
        {
            return false;
        }

        HuggingFaceFolder.Save(_trainer.Model, _options.Output, _tokenizer);
        return true;
    }

    /// <summary>Evaluates after a step whose evaluation was stopped, unless none is wanted any more.</summary>
    private void MakeUpForEvaluation(CancellationToken cancellation)
    {
        bool wasDue = _isEvaluationDue;
        _isEvaluationDue = false;
        if (wasDue && _options.EvaluateEvery > 0)
        {
            Evaluate(cancellation);
        }

        if (wasDue && !_isEvaluationDue)
        {
            TrainingCheckpoint.SaveState(_options.Output, State());
        }
    }

    private void Evaluate(CancellationToken cancellation)
    {
        if (Evaluation is null)
        {
            return;
        }

        if (cancellation.IsCancellationRequested)
        {
            _isEvaluationDue = true;
            return;
        }

        try
        {
            Write(Evaluation(cancellation));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The evaluation is given up; the steps before it are still to be saved.
            _isEvaluationDue = true;
        }
    }

    private bool Due(long every) => every > 0 && _trainer.Step % every == 0;

    private void Log(StepReport report)
    {
        _unlogged = _unlogged.With(report);
        if (_trainer.Step % _options.LogEvery != 0 && _trainer.Step != _trainer.Options.MaxSteps)
        {
            return;
        }

        Write(
        [
            new TrainingScalar("train/loss", _unlogged.Loss / _unlogged.Count),
            new TrainingScalar("train/gradient_norm", _unlogged.GradientNorm / _unlogged.Count),
            new TrainingScalar("train/learning_rate", report.LearningRate),
            new TrainingScalar("train/tokens_per_second", _unlogged.Count * report.Tokens / Math.Max(_unlogged.Seconds, 1e-9)),
        ]);
        _unlogged = UnloggedSteps.None;
    }

    private void Write(IReadOnlyList<TrainingScalar> values)
    {
        var entry = new TrainingLogEntry(_trainer.Step, _trainer.TokensSeen, values);
        foreach (ITrainingLog log in _logs)
        {
            log.Write(entry);
        }
    }

    private void Save()
    {
        string folder = TrainingCheckpoint.Save(_options.Output, _trainer, State(), _tokenizer);
        TrainingCheckpoint.Prune(_options.Output, _options.KeptCheckpoints);
        Saved?.Report(folder);
    }

    private TrainingState State() => new()
    {
        Step = _trainer.Step,
        TokensSeen = _trainer.TokensSeen,
        DataTokens = _data.TokenCount,
        DataHash = _data.Hash,
        DataPath = _data.Sources[0].Path,
        Sources = _data.SourceStates,
        Segmenters = TrainingState.SegmentersOf(_trainer),
        Unlogged = _unlogged,
        IsEvaluationDue = _isEvaluationDue,
        Options = _trainer.Options,
    };
}

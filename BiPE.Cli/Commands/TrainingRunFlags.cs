using System.CommandLine;

namespace BiPE.Cli.Commands;

/// <summary>The options that decide what a training writes and evaluates, and how often.</summary>
internal sealed class TrainingRunFlags
{
    private static readonly TrainingRunSettings Defaults = new();

    private readonly Option<long?> _saveEvery = CommonOptions.Integer(
        "--save-every", $"Steps between checkpoints; 0 for the end only. [default: {Defaults.SaveEvery}]", 0);

    private readonly Option<long?> _kept = CommonOptions.Integer(
        "--keep-checkpoints", $"How many checkpoints stay on the disk. [default: {Defaults.KeptCheckpoints}]", 1, 1 << 20);

    private readonly Option<long?> _logEvery = CommonOptions.Integer("--log-every", $"Steps between log entries. [default: {Defaults.LogEvery}]", 1);

    private readonly Option<string?> _evaluationData = new("--eval-data")
    {
        Description = "Text or a token shard to evaluate on, in blocks as long as those of training, every --eval-every steps and after the last.",
        HelpName = "PATH",
    };

    private readonly Option<long?> _evaluateEvery = CommonOptions.Integer(
        "--eval-every", $"Steps between evaluations on --eval-data or on what is held out. [default: {Defaults.EvaluateEvery}]", 1);

    private readonly Option<long?> _evaluationTokens = CommonOptions.Integer(
        "--eval-max-tokens", $"Leave out of evaluations blocks of --eval-data, or of what is held out of each corpus, that start beyond this many tokens. [default: {Defaults.EvaluationTokens}]", 2);

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="resume">The flag with which the data to evaluate on may have been named before.</param>
    /// <param name="heldOut">The option that sets a part of the data itself aside.</param>
    public TrainingRunFlags(Command command, Option<bool> resume, Option<double?> heldOut)
    {
        foreach (Option option in (Option[])[_saveEvery, _kept, _logEvery, _evaluationData, _evaluateEvery, _evaluationTokens])
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            bool isHeldOut = result.GetResult(heldOut) is not null;
            if (isHeldOut && result.GetResult(_evaluationData) is not null)
            {
                result.AddError($"Give either {_evaluationData.Name} or {heldOut.Name}, which evaluates on what it holds out");
            }

            if (result.GetValue(resume) || isHeldOut || result.GetResult(_evaluationData) is not null)
            {
                return;
            }

            foreach (Option option in (Option[])[_evaluateEvery, _evaluationTokens])
            {
                if (result.GetResult(option) is not null)
                {
                    result.AddError($"{option.Name} needs text to evaluate on; name it with --eval-data, or hold some out with --hold-out");
                }
            }
        });
    }

    /// <summary>The settings: flags where given, else those known.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="known">Settings of the run that goes on, or the defaults.</param>
    public TrainingRunSettings Apply(ParseResult parsed, TrainingRunSettings known) => new()
    {
        SaveEvery = parsed.GetValue(_saveEvery) ?? known.SaveEvery,
        EvaluateEvery = parsed.GetValue(_evaluateEvery) ?? known.EvaluateEvery,
        LogEvery = parsed.GetValue(_logEvery) ?? known.LogEvery,
        KeptCheckpoints = (int)(parsed.GetValue(_kept) ?? known.KeptCheckpoints),
        EvaluationData = parsed.GetValue(_evaluationData) is { } path ? Path.GetFullPath(path) : known.EvaluationData,
        EvaluationTokens = parsed.GetValue(_evaluationTokens) ?? known.EvaluationTokens,
    };
}

using BiPE.Core.Evaluation;
using BiPE.Core.Evaluation.Results;
using BiPE.Core.Model;

namespace BiPE.Cli.Commands;

/// <summary>One model on one set at one block size.</summary>
/// <param name="Folder">The model's folder.</param>
/// <param name="Config">Its architecture, with the rotary scaling that is evaluated.</param>
/// <param name="ModelHash">Hash of its weights and configuration.</param>
/// <param name="Data">The set.</param>
/// <param name="Plan">The blocks.</param>
/// <param name="ByteCounts">Bytes of each token; null if the tokenizer is not known.</param>
/// <param name="Settings">How blocks are made and scored.</param>
internal sealed record EvaluationJob(
    string Folder, ModelConfig Config, string ModelHash, EvaluatedData Data, EvaluationPlan Plan, TokenByteCounts? ByteCounts, EvaluationSettings Settings)
{
    /// <summary>Identity of the evaluation.</summary>
    public string Key { get; } = EvaluationKey.Of(ModelHash, Data.Hash, Settings);

    /// <summary>What the model is called in results: its folder, and the rotary scaling that took the place of its own.</summary>
    public string Name { get; } = Settings.RopeScaling is { } scaling ? $"{Path.TrimEndingDirectorySeparator(Folder)} ({scaling.Label})" : Folder;

    /// <summary>Floating-point operations it takes to read a token, the unit of progress.</summary>
    public double CostPerToken => FlopCount.ForwardPerToken(Config, Plan.BlockSize);

    /// <summary>In words, for progress.</summary>
    public string Description => $"{ModelNames.OwnName(Name)} on {Path.GetFileName(Data.Name)} at {Plan.BlockSize}";
}

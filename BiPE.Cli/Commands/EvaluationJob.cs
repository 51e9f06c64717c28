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
    /// <summary>How the set is split into segments; null for the model's own way.</summary>
    public SegmenterConfig? Segmenter { get; init; }

    /// <summary>What the command line says of segmenters; null for nothing.</summary>
    public string? GivenSegmenters { get; init; }

    /// <summary>Identity of the evaluation.</summary>
    public string Key { get; } = EvaluationKey.Of(ModelHash, Data.Hash, Settings);

    /// <summary>What the model is called in results: its folder, and the rotary scaling and the segmenters that took the place of its own.</summary>
    public string Name => new[] { Settings.RopeScaling?.Label, GivenSegmenters }.OfType<string>().ToArray() is { Length: > 0 } changes
        ? $"{Path.TrimEndingDirectorySeparator(Folder)} ({string.Join(", ", changes)})"
        : Folder;

    /// <summary>Floating-point operations it takes to read a token, the unit of progress.</summary>
    public double CostPerToken => FlopCount.ForwardPerToken(Config, Plan.BlockSize);

    /// <summary>In words, for progress.</summary>
    public string Description => $"{ModelNames.OwnName(Name)} on {Path.GetFileName(Data.Name)} at {Plan.BlockSize}";
}

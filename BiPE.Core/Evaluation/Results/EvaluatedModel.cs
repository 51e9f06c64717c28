namespace BiPE.Core.Evaluation.Results;

/// <summary>The model of an evaluation.</summary>
/// <param name="Name">What it was called on the command line, its folder.</param>
/// <param name="Hash">Hash of its weights and configuration (XXH3, 128 bits, hexadecimal).</param>
/// <param name="PositionEncoding">Its position encoding (<c>rpe_type</c>).</param>
/// <param name="Parameters">Number of learned numbers.</param>
/// <param name="TrainLength">Tokens of a training block (<c>train_scale</c>), for a mark in plots.</param>
public sealed record EvaluatedModel(string Name, string Hash, string PositionEncoding, long Parameters, int TrainLength)
{
    /// <summary>What was said of segmenters at the evaluation; null for those of its configuration.</summary>
    public string? Segmenters { get; init; }
}

using BiPE.Core.Model;

namespace BiPE.Core.Evaluation.Results;

/// <summary>Everything besides model and text that decides the numbers of an evaluation.</summary>
public sealed record EvaluationSettings
{
    /// <summary>Name of the protocol: <c>exact</c>, <c>reference</c>, <c>sliding</c> or <c>last</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>Tokens a block, which is the longest context and the predicted token.</summary>
    public required int BlockSize { get; init; }

    /// <summary>Protocol <c>sliding</c>: tokens from a window's start to the next.</summary>
    public int? Stride { get; init; }

    /// <summary>Protocol <c>last</c>: tokens scored at the end of each block.</summary>
    public int? LastTokens { get; init; }

    /// <summary>Protocol <c>last</c>: block size of the longest context compared, which decides the tokens that are scored.</summary>
    public int? LongestBlock { get; init; }

    /// <summary>Whether no block reaches from one document into the next.</summary>
    public bool WithinDocuments { get; init; }

    /// <summary>Blocks that start beyond this many tokens were left out; null for none.</summary>
    public long? MaximumTokens { get; init; }

    /// <summary>The rotary scaling that took the place of the model's own (<c>--rope-scaling</c>); null for the model as it is.</summary>
    public RotaryScalingOverride? RopeScaling { get; init; }

    /// <summary>
    /// How the text was split into segments (<see cref="SegmenterConfig.Label"/>), where that is not as the model splits; null for the model's own way.
    /// </summary>
    public string? Segmenter { get; init; }

    /// <summary>What was computed in and what weights were stored in (<see cref="Tensors.BackendInfo.EvaluationPrecision"/>).</summary>
    public required string Precision { get; init; }
}

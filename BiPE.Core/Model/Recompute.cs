using System.Text.Json.Serialization;

namespace BiPE.Core.Model;

/// <summary>
/// What training computes again in the backward pass to save memory (Chen et al. 2016, arXiv 1604.06174), besides norms and gates, whose
/// outputs are always computed again. The bits do not depend on it.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<Recompute>))]
public enum Recompute
{
    /// <summary>No matrix product.</summary>
    None,

    /// <summary>The projection that gates and widens, the widest activation of a layer: about a seventh more work.</summary>
    FeedForward,

    /// <summary>Whole layers, of which only the inputs are kept: a third more work.</summary>
    Layers,
}

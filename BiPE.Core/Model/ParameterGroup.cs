using System.Text.Json.Serialization;

namespace BiPE.Core.Model;

/// <summary>What part of a model a parameter belongs to, for counting.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ParameterGroup>))]
public enum ParameterGroup
{
    /// <summary>The token embedding; with tied embeddings it is the head too and counts once.</summary>
    [JsonStringEnumMemberName("embedding")]
    Embedding,

    /// <summary>The table of positions inside a segment, BiPE's absolute encoding.</summary>
    [JsonStringEnumMemberName("intraSegmentEmbedding")]
    IntraSegmentEmbedding,

    /// <summary>Learned numbers of other position encodings.</summary>
    [JsonStringEnumMemberName("positionEncoding")]
    PositionEncoding,

    /// <summary>Projections of attention and their biases.</summary>
    [JsonStringEnumMemberName("attention")]
    Attention,

    /// <summary>Projections of the gated layers and their biases.</summary>
    [JsonStringEnumMemberName("mlp")]
    Mlp,

    /// <summary>Gains of norms.</summary>
    [JsonStringEnumMemberName("norms")]
    Norms,

    /// <summary>The language-model head, where it is not the token embedding.</summary>
    [JsonStringEnumMemberName("head")]
    Head,
}

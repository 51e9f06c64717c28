using System.Text.Json.Serialization;

namespace BiPE.Core.Training;

/// <summary>What the documents of one training block know of each other.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DocumentPacking>))]
public enum DocumentPacking
{
    /// <summary>A block is one text: attention and positions run on from a document into the next, as in the reference.</summary>
    Concatenate,

    /// <summary>Documents of a block see nothing of each other: attention stays inside them, positions start anew in each.</summary>
    Documents,
}

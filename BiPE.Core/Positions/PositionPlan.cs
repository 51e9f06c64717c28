using BiPE.Core.Autograd;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Positions.Embeddings;
using BiPE.Core.Positions.Scores;
using BiPE.Core.Positions.Segments;

namespace BiPE.Core.Positions;

/// <summary>All that a model needs to know of positions: how rows are split, what is added to embeddings, what attention gets.</summary>
/// <param name="Segmenter">Splits a row into segments.</param>
/// <param name="Embeddings">Encodings of the token embedding, in order.</param>
/// <param name="Attention">Encoding of the attention, or null for none.</param>
public sealed record PositionPlan(ISegmenter Segmenter, IReadOnlyList<IEmbeddingEncoding> Embeddings, IAttentionEncoding? Attention) : IDisposable
{
    /// <summary>Changes ids in training, or null.</summary>
    public IPositionTransform? Transform { get; init; }

    /// <summary>Encoding that reads the attention's scores, or null for none.</summary>
    public IScoreEncoding? Scores { get; init; }

    /// <summary>Learned parameters of all encodings.</summary>
    public IEnumerable<Parameter> Parameters =>
        [.. Embeddings.SelectMany(e => e.Parameters), .. Attention?.Parameters ?? [], .. Scores?.Parameters ?? []];

    /// <summary>Gives tables back; parameters belong to the model.</summary>
    public void Dispose()
    {
        Attention?.Dispose();
        foreach (IDisposable embedding in Embeddings.OfType<IDisposable>())
        {
            embedding.Dispose();
        }
    }
}

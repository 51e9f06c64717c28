using BiPE.Core.Autograd;

namespace BiPE.Core.Positions.Embeddings;

/// <summary>A position encoding that is added to the token embedding.</summary>
public interface IEmbeddingEncoding
{
    /// <summary>Its learned parameters.</summary>
    IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Adds the encoding.</summary>
    /// <param name="tape">Runs the operations.</param>
    /// <param name="hidden">Token embedding <c>[batch * time, hidden]</c>; may be taken over.</param>
    /// <param name="positions">Ids of the batch.</param>
    /// <returns><c>[batch * time, hidden]</c>.</returns>
    Variable Apply(Tape tape, Variable hidden, PositionStreams positions);
}

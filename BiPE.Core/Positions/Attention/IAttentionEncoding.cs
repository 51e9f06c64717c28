using BiPE.Core.Autograd;

namespace BiPE.Core.Positions.Attention;

/// <summary>A position encoding that rotates queries and keys or adds a bias to their scores.</summary>
public interface IAttentionEncoding : IDisposable
{
    /// <summary>Its learned parameters.</summary>
    IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Data for the attention of all layers of one pass.</summary>
    /// <param name="tape">Allocates what belongs to the pass and runs operations on learned parameters.</param>
    /// <param name="positions">Ids of the batch.</param>
    /// <param name="shape">Sizes of the attention.</param>
    AttentionTerms Build(Tape tape, PositionStreams positions, AttentionShape shape);
}

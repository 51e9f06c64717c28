using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Rotary;

/// <summary>Cosines and sines of every position and pair, amplitudes included, and the position of every token.</summary>
/// <param name="QueryCosine"><c>[positions, R / 2]</c> of the statistics type, for queries.</param>
/// <param name="QuerySine">As <paramref name="QueryCosine"/>.</param>
/// <param name="KeyCosine">The same for keys; null leaves keys as they are.</param>
/// <param name="KeySine">As <paramref name="KeyCosine"/>.</param>
/// <param name="Positions">Int32 <c>[batch, time]</c>, rows of the tables.</param>
public sealed record RotaryTables(Tensor QueryCosine, Tensor QuerySine, Tensor? KeyCosine, Tensor? KeySine, Tensor Positions)
{
    /// <summary>The rotations of a packed tensor <c>[batch, time, heads + 2 keyValueHeads, headDim]</c>: one of query and key heads where they share tables.</summary>
    /// <param name="headCount">Query heads.</param>
    /// <param name="keyValueHeadCount">Key/value heads.</param>
    public IReadOnlyList<RotateArguments> Rotations(int headCount, int keyValueHeadCount)
    {
        if (ReferenceEquals(QueryCosine, KeyCosine))
        {
            return [new RotateArguments(0, headCount + keyValueHeadCount, QueryCosine, QuerySine, Positions)];
        }

        var query = new RotateArguments(0, headCount, QueryCosine, QuerySine, Positions);
        return KeyCosine is null || KeySine is null
            ? [query]
            : [query, new RotateArguments(headCount, keyValueHeadCount, KeyCosine, KeySine, Positions)];
    }
}

namespace BiPE.Core.Tensors;

/// <summary>How an attention bias depends on the positions p of query and key.</summary>
public enum AttentionBiasKind
{
    /// <summary><c>slope[head] * (p[key] - p[query])</c>; the table is <c>[heads]</c> (ALiBi).</summary>
    PerKey,

    /// <summary><c>table[head, p[query] - p[key]]</c>; the table is <c>[heads, distances]</c> (T5, KERPLE).</summary>
    PerDistance,

    /// <summary><c>table[head, p[query], p[key]]</c>; the table is <c>[heads, positions, positions]</c> (FIRE, dense biases).</summary>
    PerPair,
}

namespace BiPE.Core.Tensors;

/// <summary>
/// What attention reads. Queries, keys and values lie either in one packed tensor, or queries apart from cached keys and
/// values. The mask is causal and aligned to the end: query t sees keys 0 .. t + keys - queries. Query head h reads key/value
/// head h / (heads / key/value heads).
/// </summary>
public sealed record AttentionArguments
{
    private AttentionArguments(Tensor query, Tensor? keys, Tensor? values, int headCount, int keyValueHeadCount, double scale)
    {
        Query = query;
        Keys = keys;
        Values = values;
        HeadCount = headCount;
        KeyValueHeadCount = keyValueHeadCount;
        Scale = scale;
    }

    /// <summary>Queries <c>[batch, queries, heads, headDim]</c>, or everything packed <c>[batch, time, heads + 2 keyValueHeads, headDim]</c>: query heads, then key heads, then value heads.</summary>
    public Tensor Query { get; }

    /// <summary>Keys <c>[batch, keys, keyValueHeads, headDim]</c>; null if packed.</summary>
    public Tensor? Keys { get; }

    /// <summary>Values <c>[batch, keys, keyValueHeads, headDim]</c>; null if packed.</summary>
    public Tensor? Values { get; }

    /// <summary>Number of query heads.</summary>
    public int HeadCount { get; }

    /// <summary>Number of key/value heads, a divisor of <see cref="HeadCount"/>.</summary>
    public int KeyValueHeadCount { get; }

    /// <summary>Factor of the scores, 1 / sqrt(headDim) as a rule.</summary>
    public double Scale { get; }

    /// <summary>Bias of the scores, or null.</summary>
    public AttentionBias? Bias { get; init; }

    /// <summary>Int32 document numbers <c>[batch, keys]</c>, not decreasing along a row: a query sees only keys of its own document. Null: one document a row.</summary>
    public Tensor? Documents { get; init; }

    /// <summary>Whether <see cref="Query"/> holds keys and values too.</summary>
    public bool IsPacked => Keys is null;

    /// <summary>Rows that are independent of each other.</summary>
    public int Batch => Query.Shape[0];

    /// <summary>Number of queries a row.</summary>
    public int QueryCount => Query.Shape[1];

    /// <summary>Number of keys a row.</summary>
    public int KeyCount => (Keys ?? Query).Shape[1];

    /// <summary>Size of one head.</summary>
    public int HeadDimension => Query.Shape[3];

    /// <summary>Attention within one packed tensor.</summary>
    /// <param name="packed"><c>[batch, time, heads + 2 keyValueHeads, headDim]</c>.</param>
    /// <param name="headCount">Number of query heads.</param>
    /// <param name="keyValueHeadCount">Number of key/value heads.</param>
    /// <param name="scale">Factor of the scores.</param>
    public static AttentionArguments FromPacked(Tensor packed, int headCount, int keyValueHeadCount, double scale)
    {
        ArgumentNullException.ThrowIfNull(packed);
        return new AttentionArguments(packed, null, null, headCount, keyValueHeadCount, scale);
    }

    /// <summary>Attention of queries to cached keys and values; it has no gradient.</summary>
    /// <param name="query"><c>[batch, queries, heads, headDim]</c>.</param>
    /// <param name="keys"><c>[batch, keys, keyValueHeads, headDim]</c>, at least as many keys as queries.</param>
    /// <param name="values">As <paramref name="keys"/>.</param>
    /// <param name="scale">Factor of the scores.</param>
    public static AttentionArguments FromCache(Tensor query, Tensor keys, Tensor values, double scale)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(values);
        return new AttentionArguments(query, keys, values, query.Shape[2], keys.Shape[2], scale);
    }
}

namespace BiPE.Core.Tensors.Reference;

/// <summary>Attention's operands as host arrays, with the strides that make packed and cached layouts one.</summary>
/// <typeparam name="T">Number type.</typeparam>
public sealed class ReferenceAttention<T>
    where T : unmanaged
{
    /// <summary>Independent rows.</summary>
    public required int Batch { get; init; }

    /// <summary>Queries a row.</summary>
    public required int QueryCount { get; init; }

    /// <summary>Keys a row.</summary>
    public required int KeyCount { get; init; }

    /// <summary>Query heads.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Key/value heads.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Size of a head.</summary>
    public required int HeadDimension { get; init; }

    /// <summary>Factor of the scores.</summary>
    public required T Scale { get; init; }

    /// <summary>Queries <c>[batch, queries, heads, headDim]</c>.</summary>
    public required T[] Queries { get; init; }

    /// <summary>Keys <c>[batch, keys, keyValueHeads, headDim]</c>.</summary>
    public required T[] Keys { get; init; }

    /// <summary>Values <c>[batch, keys, keyValueHeads, headDim]</c>.</summary>
    public required T[] Values { get; init; }

    /// <summary>How the bias table is read; null for no bias.</summary>
    public AttentionBiasKind? BiasKind { get; init; }

    /// <summary>Bias table, or empty.</summary>
    public T[] BiasTable { get; init; } = [];

    /// <summary>Positions <c>[batch, keys]</c>, or empty.</summary>
    public int[] Positions { get; init; } = [];

    /// <summary>Documents <c>[batch, keys]</c>, or empty.</summary>
    public int[] Documents { get; init; } = [];

    /// <summary>Whether a query sees a key.</summary>
    /// <param name="batch">Row.</param>
    /// <param name="query">Query of the row.</param>
    /// <param name="key">Key of the row.</param>
    public bool Sees(int batch, int query, int key)
    {
        int own = query + KeyCount - QueryCount;
        return key <= own && (Documents.Length == 0 || Documents[(batch * KeyCount) + key] == Documents[(batch * KeyCount) + own]);
    }

    /// <summary>Element of the bias table that a query and a key meet in (for <see cref="AttentionBiasKind.PerKey"/>, the slope).</summary>
    /// <param name="batch">Row.</param>
    /// <param name="head">Query head.</param>
    /// <param name="query">Query of the row.</param>
    /// <param name="key">Key of the row.</param>
    public int BiasIndex(int batch, int head, int query, int key)
    {
        int perHead = BiasTable.Length / HeadCount;
        int from = Positions[(batch * KeyCount) + query + KeyCount - QueryCount];
        int to = Positions[(batch * KeyCount) + key];
        return (head * perHead) + BiasKind switch
        {
            AttentionBiasKind.PerKey => 0,
            AttentionBiasKind.PerDistance => from - to,
            _ => (from * (int)Math.Round(Math.Sqrt(perHead))) + to,
        };
    }

    /// <summary>Position of the key less that of the query: the factor of the slope in <see cref="AttentionBiasKind.PerKey"/>.</summary>
    /// <param name="batch">Row.</param>
    /// <param name="query">Query of the row.</param>
    /// <param name="key">Key of the row.</param>
    public int RelativePosition(int batch, int query, int key) =>
        Positions[(batch * KeyCount) + key] - Positions[(batch * KeyCount) + query + KeyCount - QueryCount];
}

using BiPE.Core.Tensors;

namespace BiPE.Cpu.Kernels;

/// <summary>Attention's operands as pointers and strides, so that packed tensors and caches are one case.</summary>
internal unsafe struct AttentionOperands
{
    public nint Batch;

    /// <summary>Queries of a row of the batch.</summary>
    public nint QueryCount;

    /// <summary>Keys of a row of the batch, at least as many; query t is of the same token as key t + KeyCount - QueryCount.</summary>
    public nint KeyCount;
    public nint Heads;
    public nint KeyValueHeads;

    /// <summary>Elements of a head; heads lie side by side.</summary>
    public nint Size;
    public float Scale;
    public float* Query;

    /// <summary>Elements from a query to the next.</summary>
    public nint QueryStride;
    public float* Key;
    public float* Value;

    /// <summary>Elements from a key, or value, to the next.</summary>
    public nint KeyStride;

    /// <summary>How the bias table is read; null for no bias.</summary>
    public AttentionBiasKind? BiasKind;
    public float* BiasTable;

    /// <summary>Extent of the table's last axis: distances or positions.</summary>
    public nint BiasExtent;

    /// <summary>Positions <c>[batch, keys]</c> that the bias reads.</summary>
    public int* Positions;

    /// <summary>First key that each token sees, <c>[batch, keys]</c>; null if all see the first.</summary>
    public int* FirstKeys;

    /// <summary>Elements of one head's bias table.</summary>
    public readonly nint BiasTableLength => BiasKind switch
    {
        AttentionBiasKind.PerDistance => BiasExtent,
        AttentionBiasKind.PerPair => BiasExtent * BiasExtent,
        _ => 1,
    };

    /// <summary>First query of a row of the batch and a head.</summary>
    public readonly float* QueryAt(nint batch, nint query, nint head) =>
        Query + (((batch * QueryCount) + query) * QueryStride) + (head * Size);

    /// <summary>Offset of a key, or value, of a key/value head.</summary>
    public readonly nint KeyOffset(nint batch, nint key, nint keyValueHead) =>
        (((batch * KeyCount) + key) * KeyStride) + (keyValueHead * Size);

    /// <summary>First key that a token sees.</summary>
    public readonly nint FirstKey(nint batch, nint token) => FirstKeys is null ? 0 : FirstKeys[(batch * KeyCount) + token];
}

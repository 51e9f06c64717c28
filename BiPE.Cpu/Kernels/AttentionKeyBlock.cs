using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// A block of keys and values of one head, copied together. In a packed tensor the keys of a head lie kilobytes apart: read in place,
/// many fall into the same sets of the first cache, and each needs an address looked up. Several tiles of queries share a copy.
/// </summary>
internal readonly unsafe struct AttentionKeyBlock<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    private readonly AttentionOperands _operands;
    private readonly nint _batch;
    private readonly nint _keyValueHead;

    /// <summary>Creates a block without contents.</summary>
    /// <param name="operands">Attention's operands.</param>
    /// <param name="scratch">Memory of <see cref="ScratchLength"/> elements.</param>
    /// <param name="batch">Row of the batch.</param>
    /// <param name="keyValueHead">Key/value head.</param>
    public AttentionKeyBlock(in AttentionOperands operands, float* scratch, nint batch, nint keyValueHead)
    {
        _operands = operands;
        _batch = batch;
        _keyValueHead = keyValueHead;
        Keys = scratch;
        Values = scratch + (AttentionTile<TSimd, TVector>.KeyBlock * operands.Size);
    }

    /// <summary>Keys, <c>[keys, size]</c>.</summary>
    public float* Keys { get; }

    /// <summary>Values, <c>[keys, size]</c>.</summary>
    public float* Values { get; }

    /// <summary>Scratch elements of a block.</summary>
    /// <param name="size">Elements of a head.</param>
    public static nint ScratchLength(nint size) => 2 * AttentionTile<TSimd, TVector>.KeyBlock * size;

    /// <summary>Copies keys and values.</summary>
    /// <param name="first">First key.</param>
    /// <param name="end">One past the last key that anyone sees; no more than a block is copied.</param>
    public void Load(nint first, nint end)
    {
        nint size = _operands.Size;
        nint count = Math.Min(AttentionTile<TSimd, TVector>.KeyBlock, end - first);
        nint offset = _operands.KeyOffset(_batch, first, _keyValueHead);
        for (nint key = 0; key < count; key++, offset += _operands.KeyStride)
        {
            RowCopy<TSimd, TVector>.Copy(Keys + (key * size), _operands.Key + offset, size);
            RowCopy<TSimd, TVector>.Copy(Values + (key * size), _operands.Value + offset, size);
        }
    }

    /// <summary>Asks for a share of a later block, whose keys are too far apart for the processor to fetch ahead by itself.</summary>
    /// <param name="first">First key of the block.</param>
    /// <param name="end">One past the last key that anyone sees.</param>
    /// <param name="share">Which share.</param>
    /// <param name="shares">How many shares make the block.</param>
    public void Prefetch(nint first, nint end, int share, int shares)
    {
        nint count = Math.Min(AttentionTile<TSimd, TVector>.KeyBlock, end - first);
        for (nint key = count * share / shares; key < count * (share + 1) / shares; key++)
        {
            nint offset = _operands.KeyOffset(_batch, first + key, _keyValueHead);
            for (nint i = 0; i < _operands.Size; i += 16)
            {
                CacheLine.FetchOuter(_operands.Key + offset + i);
                CacheLine.FetchOuter(_operands.Value + offset + i);
            }
        }
    }
}

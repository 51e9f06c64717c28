using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace BiPE.Core.Tokenization;

/// <summary>
/// Ids of stretches of text met before, mostly words. One slot for each hash, the newest entry stays: memory is bounded (some
/// 4 MB when full). Entries never change once published, so threads share it without locks.
/// </summary>
internal sealed class SegmentCache
{
    private const int LongestSegment = 32;
    private const int SlotBits = 15;

    private readonly Entry?[] _entries = new Entry?[1 << SlotBits];

    /// <summary>Where a segment belongs, or -1 if it is too long to be kept.</summary>
    public static int SlotOf(ReadOnlySpan<char> segment) =>
        segment.Length > LongestSegment ? -1 : (int)(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(segment)) >> (64 - SlotBits));

    /// <summary>Ids of the segment, or null if it is not here.</summary>
    public int[]? Find(int slot, ReadOnlySpan<char> segment) =>
        _entries[slot] is { } entry && segment.SequenceEqual(entry.Text) ? entry.Ids : null;

    public void Keep(int slot, ReadOnlySpan<char> segment, ReadOnlySpan<int> ids) =>
        _entries[slot] = new Entry(segment.ToString(), ids.ToArray());

    private sealed record Entry(string Text, int[] Ids);
}

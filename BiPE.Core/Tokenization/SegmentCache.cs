using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiPE.Core.Tokenization;

/// <summary>
/// Ids of short stretches of text met before, mostly words. One slot for each hash, the newest entry stays. An entry is 64 bytes,
/// a line of the processor's cache: text, ids and their lengths lie side by side. Not for two threads at once.
/// </summary>
internal sealed class SegmentCache
{
    /// <summary>Longest text that is kept, in UTF-16 units.</summary>
    public const int LongestSegment = 16;

    private const int MostIds = 7;
    private const int SlotBits = 16;

    private readonly Entry[] _entries = new Entry[1 << SlotBits];

    /// <summary>The stretch of <paramref name="length"/> units at <paramref name="start"/>, filled up with zeros.</summary>
    public static Vector256<ushort> KeyOf(ReadOnlySpan<char> text, int start, int length)
    {
        if (text.Length - start < LongestSegment)
        {
            Span<ushort> units = stackalloc ushort[LongestSegment];
            MemoryMarshal.Cast<char, ushort>(text.Slice(start, length)).CopyTo(units);
            return Vector256.Create<ushort>(units);
        }

        Vector256<ushort> read = Vector256.Create(MemoryMarshal.Cast<char, ushort>(text.Slice(start, LongestSegment)));
        return read & Vector256.LessThan(Vector256<ushort>.Indices, Vector256.Create((ushort)length));
    }

    /// <summary>Ids of a stretch, or none if it is not here.</summary>
    public ReadOnlySpan<int> Find(Vector256<ushort> key, int length)
    {
        ref Entry entry = ref _entries[SlotOf(key)];
        return entry.Length == length && entry.Text == key ? ((ReadOnlySpan<int>)entry.Ids)[..entry.Count] : [];
    }

    /// <summary>Keeps the ids of a stretch, unless they are too many.</summary>
    public void Keep(Vector256<ushort> key, int length, ReadOnlySpan<int> ids)
    {
        if (ids.Length > MostIds)
        {
            return;
        }

        ref Entry entry = ref _entries[SlotOf(key)];
        entry.Text = key;
        entry.Length = (ushort)length;
        entry.Count = (ushort)ids.Length;
        ids.CopyTo(entry.Ids);
    }

    // A sum of products with odd numbers; its upper bits depend on every bit of the text.
    private static int SlotOf(Vector256<ushort> key)
    {
        Vector256<ulong> parts = key.AsUInt64();
        ulong sum = (parts[0] * 0x9E3779B97F4A7C15UL)
            + (parts[1] * 0xC2B2AE3D27D4EB4FUL)
            + (parts[2] * 0x165667B19E3779F9UL)
            + (parts[3] * 0xD6E8FEB86659FD93UL);
        sum ^= sum >> 32;
        return (int)(sum * 0x9E3779B97F4A7C15UL >> (64 - SlotBits));
    }

    private struct Entry
    {
        public Vector256<ushort> Text;
        public IdArray Ids;
        public ushort Length;
        public ushort Count;
    }

    [InlineArray(MostIds)]
    private struct IdArray
    {
        private int _first;
    }
}

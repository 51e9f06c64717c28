using System.Numerics;

namespace BiPE.Core.Tokenization;

/// <summary>
/// Map from two ints to an int that is not negative, for the encoder's inner loop. Open addressing; .NET's dictionary would
/// hash a pair packed into a long by the exclusive or of its halves, which collides all the time for ids so alike.
/// </summary>
internal sealed class PairTable
{
    private const int Missing = -1;

    private Entry[] _entries = Empty(16);
    private int _count;

    /// <summary>Adds a pair, or replaces its value.</summary>
    public void Set(int first, int second, int value)
    {
        if (2 * (_count + 1) > _entries.Length)
        {
            Grow();
        }

        ref Entry entry = ref Slot(Key(first, second));
        _count += entry.Value == Missing ? 1 : 0;
        entry = new Entry(Key(first, second), value);
    }

    /// <summary>Value of a pair, or -1.</summary>
    public int Find(int first, int second) => Slot(Key(first, second)).Value;

    private static long Key(int first, int second) => (long)first << 32 | (uint)second;

    private static Entry[] Empty(int length)
    {
        var entries = new Entry[length];
        Array.Fill(entries, new Entry(0, Missing));
        return entries;
    }

    private ref Entry Slot(long key)
    {
        Entry[] entries = _entries;
        int mask = entries.Length - 1;
        int slot = (int)((ulong)key * 0x9E3779B97F4A7C15UL >> (64 - BitOperations.Log2((uint)entries.Length)));
        while (entries[slot].Value != Missing && entries[slot].Key != key)
        {
            slot = (slot + 1) & mask;
        }

        return ref entries[slot];
    }

    private void Grow()
    {
        Entry[] entries = _entries;
        _entries = Empty(2 * entries.Length);
        foreach (Entry entry in entries)
        {
            if (entry.Value != Missing)
            {
                Slot(entry.Key) = entry;
            }
        }
    }

    // One entry is one line of the processor's cache most of the time, two arrays would be two.
    private readonly record struct Entry(long Key, int Value);
}

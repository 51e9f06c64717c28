using System.Numerics;

namespace BiPE.Core.Tokenization;

/// <summary>
/// Map from two ints to an int that is not negative, for the encoder's inner loop. Open addressing; .NET's dictionary would
/// hash a pair packed into a long by the exclusive or of its halves, which collides all the time for ids so alike.
/// </summary>
internal sealed class PairTable
{
    private const int Missing = -1;

    private long[] _keys = new long[16];
    private int[] _values = Filled(16);
    private int _count;

    /// <summary>Adds a pair, or replaces its value.</summary>
    public void Set(int first, int second, int value)
    {
        if (2 * (_count + 1) > _keys.Length)
        {
            Grow();
        }

        int slot = Slot(Key(first, second));
        _count += _values[slot] == Missing ? 1 : 0;
        _keys[slot] = Key(first, second);
        _values[slot] = value;
    }

    /// <summary>Value of a pair, or -1.</summary>
    public int Find(int first, int second) => _values[Slot(Key(first, second))];

    private static long Key(int first, int second) => (long)first << 32 | (uint)second;

    private int Slot(long key)
    {
        int mask = _keys.Length - 1;
        int slot = (int)((ulong)key * 0x9E3779B97F4A7C15UL >> (64 - BitOperations.Log2((uint)_keys.Length)));
        while (_values[slot] != Missing && _keys[slot] != key)
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void Grow()
    {
        (long[] keys, int[] values) = (_keys, _values);
        _keys = new long[2 * keys.Length];
        _values = Filled(_keys.Length);
        for (int i = 0; i < keys.Length; i++)
        {
            if (values[i] != Missing)
            {
                int slot = Slot(keys[i]);
                _keys[slot] = keys[i];
                _values[slot] = values[i];
            }
        }
    }

    private static int[] Filled(int length)
    {
        var values = new int[length];
        Array.Fill(values, Missing);
        return values;
    }
}

using System.Numerics;

namespace BiPE.Core.Data;

/// <summary>
/// A keyed pseudo-random permutation of <c>0 .. count - 1</c> that is computed at any index without a table: a balanced
/// Feistel network over the smallest sufficient even number of bits, walked along its cycle until the value falls inside
/// the range (M. Luby, C. Rackoff, 1988; J. Black, P. Rogaway, "Ciphers with arbitrary finite domains", 2002).
/// </summary>
internal readonly struct BlockPermutation
{
    private const int Rounds = 8;

    /// <summary>Below this the rounds have too few bits to mix; small ranges walk some steps more instead.</summary>
    private const int MinimumHalfBits = 3;

    private readonly ulong _count;
    private readonly ulong _key;
    private readonly int _halfBits;

    /// <summary>Creates a permutation.</summary>
    /// <param name="count">Number of values, at least 1.</param>
    /// <param name="seed">First part of the key.</param>
    /// <param name="epoch">Second part of the key.</param>
    public BlockPermutation(long count, ulong seed, long epoch)
    {
        _count = (ulong)count;
        _key = Mix(Mix(seed) ^ (ulong)epoch);
        int bits = 64 - BitOperations.LeadingZeroCount(_count - 1);
        _halfBits = Math.Max(MinimumHalfBits, (bits + 1) / 2);
    }

    /// <summary>The value at an index.</summary>
    /// <param name="index"><c>0 .. count - 1</c>.</param>
    public long this[long index]
    {
        get
        {
            ulong value = (ulong)index;
            do
            {
                value = Encrypt(value);
            }
            while (value >= _count);
            return (long)value;
        }
    }

    private ulong Encrypt(ulong value)
    {
        ulong mask = (1UL << _halfBits) - 1;
        ulong left = value >> _halfBits;
        ulong right = value & mask;
        ulong roundKey = _key;
        for (int round = 0; round < Rounds; round++)
        {
            roundKey += 0x9E3779B97F4A7C15;
            (left, right) = (right, left ^ (Mix(right ^ Mix(roundKey)) & mask));
        }

        return (left << _halfBits) | right;
    }

    /// <summary>The output function of SplitMix64 (G. Steele, D. Lea, C. Flood, 2014), a bijection of 64 bits.</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

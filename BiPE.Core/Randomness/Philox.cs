using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text;

namespace BiPE.Core.Randomness;

/// <summary>
/// Philox4x32-10, a random number generator without a history: a function of a 64-bit key and a 128-bit counter that gives four
/// 32-bit words. Here the key is the seed, the counter's upper half the stream (what the numbers are for) and its lower half the
/// index of the block in the stream, so that any number of any stream can be made again without those before it.
/// Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
/// </summary>
public static class Philox
{
    /// <summary>Words in a block.</summary>
    public const int BlockWords = 4;

    private const int Rounds = 10;
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint KeyStep0 = 0x9E3779B9;
    private const uint KeyStep1 = 0xBB67AE85;

    /// <summary>Names a stream of random numbers.</summary>
    /// <param name="purpose">What the numbers are for, for instance the name of the tensor to fill.</param>
    /// <param name="step">Training step or epoch, where each has numbers of its own.</param>
    /// <returns>A 64-bit hash (XXH3 of the purpose, seeded with the step); equal on every machine.</returns>
    public static ulong Stream(string purpose, long step = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(purpose);
        return XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(purpose), step);
    }

    /// <summary>Makes one block of four words.</summary>
    /// <param name="seed">The key.</param>
    /// <param name="stream">Upper half of the counter; see <see cref="Stream"/>.</param>
    /// <param name="index">Lower half of the counter.</param>
    /// <param name="destination">Receives the words; at least four long.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Block(ulong seed, ulong stream, ulong index, Span<uint> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, BlockWords);
        uint c0 = (uint)index;
        uint c1 = (uint)(index >> 32);
        uint c2 = (uint)stream;
        uint c3 = (uint)(stream >> 32);
        uint k0 = (uint)seed;
        uint k1 = (uint)(seed >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * c0;
            ulong product1 = (ulong)Multiplier1 * c2;
            c0 = (uint)(product1 >> 32) ^ c1 ^ k0;
            c1 = (uint)product1;
            c2 = (uint)(product0 >> 32) ^ c3 ^ k1;
            c3 = (uint)product0;
            k0 += KeyStep0;
            k1 += KeyStep1;
        }

        destination[3] = c3;
        destination[2] = c2;
        destination[1] = c1;
        destination[0] = c0;
    }
}

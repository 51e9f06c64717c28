using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using MathNet.Numerics.Random;

namespace BiPE.Core.Randomness;

/// <summary>
/// A stream of <see cref="Philox"/> words as a source for Math.NET's distributions. Its whole state is <see cref="Position"/>,
/// which can be saved and set. Not for use by several threads at once; give each its own stream.
/// </summary>
public sealed class PhiloxRandomSource : RandomSource
{
    private readonly uint[] _block = new uint[Philox.BlockWords];
    private ulong _blockIndex = ulong.MaxValue;

    /// <summary>Opens a stream.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="stream">What the numbers are for; see <see cref="Philox.Stream"/>.</param>
    /// <param name="position">Words of the stream to pass over.</param>
    public PhiloxRandomSource(ulong seed, ulong stream, ulong position = 0)
        : base(threadSafe: false)
    {
        Seed = seed;
        StreamId = stream;
        Position = position;
    }

    /// <summary>The run's seed.</summary>
    public ulong Seed { get; }

    /// <summary>The stream's number.</summary>
    public ulong StreamId { get; }

    /// <summary>Number of 32-bit words taken; setting it continues the stream from there.</summary>
    public ulong Position { get; set; }

    /// <summary>Takes one word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint NextUInt32()
    {
        ulong index = Position / Philox.BlockWords;
        if (index != _blockIndex)
        {
            Philox.Block(Seed, StreamId, index, _block);
            _blockIndex = index;
        }

        return _block[Position++ % Philox.BlockWords];
    }

    /// <summary>Takes two words, the lower half first.</summary>
    public ulong NextUInt64()
    {
        uint low = NextUInt32();
        return ((ulong)NextUInt32() << 32) | low;
    }

    /// <summary>A uniform number in [0, 1), a multiple of 2^-53.</summary>
    protected override double DoSample() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A uniform integer in [0, 2^31 - 1).</summary>
    protected override int DoSampleInteger()
    {
        int value;
        do
        {
            value = (int)(NextUInt32() >> 1);
        }
        while (value == int.MaxValue);

        return value;
    }

    /// <summary>A uniform integer of the given number of bits.</summary>
    protected override int DoSampleInt32WithNBits(int bitCount) => bitCount == 0 ? 0 : (int)(NextUInt32() >> (32 - bitCount));

    /// <summary>A uniform integer of the given number of bits.</summary>
    protected override long DoSampleInt64WithNBits(int bitCount) => bitCount == 0 ? 0 : (long)(NextUInt64() >> (64 - bitCount));

    /// <summary>Fills a buffer with uniform bytes.</summary>
    protected override void DoSampleBytes(byte[] buffer)
    {
        Span<byte> word = stackalloc byte[sizeof(uint)];
        for (int done = 0; done < buffer.Length; done += word.Length)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(word, NextUInt32());
            word[..Math.Min(word.Length, buffer.Length - done)].CopyTo(buffer.AsSpan(done));
        }
    }
}

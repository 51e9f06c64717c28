using System.Runtime.InteropServices;
using BiPE.Core;
using BiPE.Core.Tensors;

namespace BiPE.Cpu;

/// <summary>
/// Keeps released memory for reuse, by size classes of powers of two and one and a half of them, so that after the first step
/// of a training nothing is asked of the system.
/// </summary>
internal sealed unsafe class CpuMemoryPool : ICpuMemory
{
    private const int SmallestBits = 8;
    private const int ClassCount = 2 * (48 - SmallestBits);
    private const int GuardBytes = 64;
    private const byte GuardPattern = 0xA5;

    private readonly Stack<nint>[] _free = new Stack<nint>[ClassCount];
    private readonly bool _checksMemory;
    private long _used;
    private long _peak;
    private long _reserved;
    private int _live;

    public CpuMemoryPool(bool checksMemory)
    {
        _checksMemory = checksMemory;
        for (int i = 0; i < ClassCount; i++)
        {
            _free[i] = new Stack<nint>();
        }
    }

    public MemoryUse Use => new(_used, _peak, _reserved, _live);

    public CpuBuffer Take(long byteLength)
    {
        int sizeClass = ClassOf(byteLength + (_checksMemory ? GuardBytes : 0));
        long bytes = BytesOf(sizeClass);
        if (!_free[sizeClass].TryPop(out nint start))
        {
            try
            {
                start = FromSystem(bytes);
            }
            catch (OutOfMemoryException e)
            {
                throw new BipeException(
                    $"The system gave no {bytes >> 20} MiB more; {_used >> 20} MiB are in use. Use a smaller --batch-size or --block-size, or --recompute to keep fewer activations.", e);
            }

            _reserved += bytes;
        }

        if (_checksMemory)
        {
            // All bits set is a NaN in every float format: reading new memory shows. The guard lies right behind the last element.
            NativeMemory.Fill((void*)start, (nuint)bytes, 0xFF);
            NativeMemory.Fill((byte*)start + byteLength, GuardBytes, GuardPattern);
        }

        _used += byteLength;
        _peak = Math.Max(_peak, _used);
        _live++;
        return new CpuBuffer((byte*)start, byteLength, sizeClass);
    }

    public void Return(CpuBuffer buffer)
    {
        buffer.MarkReleased();
        _used -= buffer.ByteLength;
        _live--;
        bool intact = !_checksMemory || new Span<byte>(buffer.Start + buffer.ByteLength, GuardBytes).IndexOfAnyExcept(GuardPattern) < 0;
        _free[buffer.SizeClass].Push((nint)buffer.Start);
        if (!intact)
        {
            throw new InvalidOperationException($"A kernel wrote beyond the end of a tensor of {buffer.ByteLength} bytes.");
        }
    }

    /// <summary>Gives all kept memory back to the system; buffers still in use are lost with it only when the process ends.</summary>
    public void Dispose() => FreeKept();

    private nint FromSystem(long bytes)
    {
        try
        {
            return (nint)SystemMemory.Allocate((nint)bytes);
        }
        catch (OutOfMemoryException)
        {
            // What is kept for other sizes may be all that is missing.
            FreeKept();
            return (nint)SystemMemory.Allocate((nint)bytes);
        }
    }

    private void FreeKept()
    {
        for (int sizeClass = 0; sizeClass < ClassCount; sizeClass++)
        {
            while (_free[sizeClass].TryPop(out nint start))
            {
                SystemMemory.Free((void*)start);
                _reserved -= BytesOf(sizeClass);
            }
        }
    }

    /// <summary>Smallest class that holds the bytes: even classes are powers of two, odd ones one and a half times as large.</summary>
    private static int ClassOf(long bytes)
    {
        int bits = Math.Max(SmallestBits, 63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)Math.Max(bytes, 1)));
        int sizeClass = 2 * (bits - SmallestBits);
        while (BytesOf(sizeClass) < bytes)
        {
            sizeClass++;
        }

        return sizeClass;
    }

    private static long BytesOf(int sizeClass)
    {
        long power = 1L << (SmallestBits + (sizeClass / 2));
        return sizeClass % 2 == 0 ? power : power + (power / 2);
    }
}

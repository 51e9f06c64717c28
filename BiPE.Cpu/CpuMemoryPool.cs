using System.Numerics;
using System.Runtime.InteropServices;
using BiPE.Core;
using BiPE.Core.Tensors;

namespace BiPE.Cpu;

/// <summary>
/// Keeps released memory for reuse, so that after the first steps of a training nothing is asked of the system: small pieces by size classes
/// of which eight lie between a power of two and the next, large ones in <see cref="LargeMemory"/>.
/// </summary>
internal sealed unsafe class CpuMemoryPool : ICpuMemory
{
    private const int SmallestBits = 8;
    private const int ClassesPerOctave = 8;
    private const int LargeBits = 20;
    private const int LargerClasses = 2;
    private const int ClassCount = ClassesPerOctave * (LargeBits - SmallestBits);

    /// <summary>Class of the pieces that have none.</summary>
    private const int Large = -1;
    private const int GuardBytes = 64;
    private const byte GuardPattern = 0xA5;

    private readonly Stack<nint>[] _free = new Stack<nint>[ClassCount];
    private readonly LargeMemory _large = new();
    private readonly bool _checksMemory;
    private long _used;
    private long _peak;
    private long _reservedSmall;
    private int _live;

    public CpuMemoryPool(bool checksMemory)
    {
        _checksMemory = checksMemory;
        for (int i = 0; i < ClassCount; i++)
        {
            _free[i] = new Stack<nint>();
        }
    }

    public MemoryUse Use => new(_used, _peak, _reservedSmall + _large.Reserved, _live);

    public CpuBuffer Take(long byteLength)
    {
        long bytes = byteLength + (_checksMemory ? GuardBytes : 0);
        int sizeClass = ClassOf(bytes);
        bytes = sizeClass == Large ? LargeMemory.RoundUp(bytes) : BytesOf(sizeClass);
        nint start = Take(ref sizeClass, ref bytes);
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
        if (buffer.SizeClass == Large)
        {
            _large.Return(buffer.Start, LargeMemory.RoundUp(buffer.ByteLength + (_checksMemory ? GuardBytes : 0)));
        }
        else
        {
            _free[buffer.SizeClass].Push((nint)buffer.Start);
        }

        if (!intact)
        {
            throw new InvalidOperationException($"A kernel wrote beyond the end of a tensor of {buffer.ByteLength} bytes.");
        }
    }

    /// <summary>Gives kept memory back to the system; what is still in use, and the regions that hold it, only when the process ends.</summary>
    public void Dispose() => FreeKept();

    private nint Take(ref int sizeClass, ref long bytes)
    {
        try
        {
            return FromKeptOrSystem(ref sizeClass, ref bytes);
        }
        catch (OutOfMemoryException)
        {
            // What is kept for other sizes may be all that is missing.
            FreeKept();
        }

        try
        {
            return FromKeptOrSystem(ref sizeClass, ref bytes);
        }
        catch (OutOfMemoryException e)
        {
            throw new BipeException(
                $"The system gave no {bytes >> 20} MiB more; {_used >> 20} MiB are in use. Use a smaller --batch-size or --block-size, or --recompute to keep fewer activations.", e);
        }
    }

    private nint FromKeptOrSystem(ref int sizeClass, ref long bytes)
    {
        if (sizeClass == Large)
        {
            return (nint)_large.Take(bytes);
        }

        // A piece up to a quarter larger than needed will do.
        for (int larger = sizeClass; larger < Math.Min(sizeClass + LargerClasses + 1, ClassCount); larger++)
        {
            if (_free[larger].TryPop(out nint kept))
            {
                sizeClass = larger;
                bytes = BytesOf(larger);
                return kept;
            }
        }

        nint start = (nint)SystemMemory.Allocate((nint)bytes);
        _reservedSmall += bytes;
        return start;
    }

    private void FreeKept()
    {
        for (int sizeClass = 0; sizeClass < ClassCount; sizeClass++)
        {
            while (_free[sizeClass].TryPop(out nint start))
            {
                SystemMemory.Free((void*)start);
                _reservedSmall -= BytesOf(sizeClass);
            }
        }

        _large.FreeUnused();
    }

    /// <summary>Smallest class that holds the bytes.</summary>
    private static int ClassOf(long bytes)
    {
        if (bytes > BytesOf(ClassCount - 1))
        {
            return Large;
        }

        int bits = Math.Max(SmallestBits, BitOperations.Log2((ulong)Math.Max(bytes, 1)));
        int sizeClass = ClassesPerOctave * (bits - SmallestBits);
        while (BytesOf(sizeClass) < bytes)
        {
            sizeClass++;
        }

        return sizeClass;
    }

    private static long BytesOf(int sizeClass)
    {
        long power = 1L << (SmallestBits + (sizeClass / ClassesPerOctave));
        return power + (power / ClassesPerOctave * (sizeClass % ClassesPerOctave));
    }
}

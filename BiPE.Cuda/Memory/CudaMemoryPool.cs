using System.Numerics;
using BiPE.Core;
using BiPE.Core.Tensors;
using BiPE.Cuda.Launching;
using ILGPU;
using ILGPU.Runtime;

namespace BiPE.Cuda.Memory;

/// <summary>
/// Keeps released memory of the device for reuse, so that after the first step of a training nothing is asked of the driver,
/// which would wait for the device. Sizes are rounded up to an eighth of a power of two: on a full card an eighth counts.
/// Everything runs on one stream, so memory may be given out again while the kernels that used it still run.
/// </summary>
internal sealed class CudaMemoryPool : IDisposable
{
    private const int SmallestBits = 9;
    private const int StepsOfPower = 8;
    private const int ClassCount = StepsOfPower * (48 - SmallestBits);

    private readonly IDeviceMemory _device;
    private readonly Stack<MemoryBuffer1D<byte, Stride1D.Dense>>[] _free = new Stack<MemoryBuffer1D<byte, Stride1D.Dense>>[ClassCount];
    private readonly HashSet<CudaBuffer> _live = new(ReferenceEqualityComparer.Instance);
    private long _used;
    private long _peak;
    private long _reserved;

    /// <summary>Creates a pool.</summary>
    /// <param name="device">Where memory is taken from.</param>
    public CudaMemoryPool(IDeviceMemory device)
    {
        _device = device;
        for (int i = 0; i < ClassCount; i++)
        {
            _free[i] = new Stack<MemoryBuffer1D<byte, Stride1D.Dense>>();
        }
    }

    /// <summary>Memory taken now and at most.</summary>
    public MemoryUse Use => new(_used, _peak, _reserved, _live.Count);

    /// <summary>Takes memory whose content is undefined.</summary>
    /// <param name="byteLength">Bytes.</param>
    /// <exception cref="BipeException">The device has none left.</exception>
    public CudaBuffer Take(long byteLength)
    {
        int sizeClass = ClassOf(byteLength);
        long bytes = BytesOf(sizeClass);
        if (!_free[sizeClass].TryPop(out MemoryBuffer1D<byte, Stride1D.Dense>? memory))
        {
            memory = FromDevice(bytes, byteLength);
            _reserved += bytes;
        }

        var buffer = new CudaBuffer(memory, byteLength, sizeClass);
        _live.Add(buffer);
        _used += byteLength;
        _peak = Math.Max(_peak, _used);
        return buffer;
    }

    /// <summary>Gives memory back.</summary>
    /// <param name="buffer">As taken.</param>
    public void Return(CudaBuffer buffer)
    {
        buffer.MarkReleased();
        _live.Remove(buffer);
        _used -= buffer.ByteLength;
        _free[buffer.SizeClass].Push(buffer.Memory);
    }

    /// <summary>Gives everything back to the device, also what is still in use.</summary>
    public void Dispose()
    {
        FreeKept();
        foreach (CudaBuffer buffer in _live)
        {
            DeviceFault.Dispose(buffer.Memory);
        }

        _live.Clear();
    }

    /// <summary>Smallest class that holds the bytes.</summary>
    internal static int ClassOf(long bytes)
    {
        int bits = Math.Max(SmallestBits, 63 - BitOperations.LeadingZeroCount((ulong)Math.Max(bytes, 1)));
        int sizeClass = StepsOfPower * (bits - SmallestBits);
        while (BytesOf(sizeClass) < bytes)
        {
            sizeClass++;
        }

        return sizeClass;
    }

    /// <summary>Bytes of a class: a power of two and some eighths of it.</summary>
    internal static long BytesOf(int sizeClass)
    {
        long power = 1L << (SmallestBits + (sizeClass / StepsOfPower));
        return power + (power / StepsOfPower * (sizeClass % StepsOfPower));
    }

    private MemoryBuffer1D<byte, Stride1D.Dense> FromDevice(long bytes, long wanted)
    {
        if (_device.TryAllocate(bytes) is { } memory)
        {
            return memory;
        }

        // What is kept for other sizes may be all that is missing.
        FreeKept();
        return _device.TryAllocate(bytes) ?? throw new BipeException(
            $"The device {_device.DeviceName} is out of memory: {Mebibytes(wanted)} MiB were asked for, {Mebibytes(_device.FreeBytes)} of {Mebibytes(_device.TotalBytes)} MiB are free, and {Mebibytes(_used)} MiB hold this program's tensors; use a smaller --batch-size (with more --gradient-accumulation) or --block-size, or --recompute to keep fewer activations.");
    }

    private void FreeKept()
    {
        for (int sizeClass = 0; sizeClass < ClassCount; sizeClass++)
        {
            while (_free[sizeClass].TryPop(out MemoryBuffer1D<byte, Stride1D.Dense>? memory))
            {
                DeviceFault.Dispose(memory);
                _reserved -= BytesOf(sizeClass);
            }
        }
    }

    private static long Mebibytes(long bytes) => bytes >> 20;
}

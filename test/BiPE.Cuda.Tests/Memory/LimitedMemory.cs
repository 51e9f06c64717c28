using BiPE.Cuda.Memory;
using ILGPU;
using ILGPU.Runtime;

namespace BiPE.Cuda.Tests.Memory;

/// <summary>A simulated device with little memory.</summary>
/// <param name="accelerator">The device.</param>
/// <param name="totalBytes">How much it has.</param>
internal sealed class LimitedMemory(Accelerator accelerator, long totalBytes) : IDeviceMemory
{
    private readonly List<MemoryBuffer1D<byte, Stride1D.Dense>> _taken = [];

    public string DeviceName => "Small";

    public long TotalBytes => totalBytes;

    public long FreeBytes => totalBytes - _taken.Where(memory => !memory.IsDisposed).Sum(memory => memory.Length);

    public MemoryBuffer1D<byte, Stride1D.Dense>? TryAllocate(long bytes)
    {
        if (bytes > FreeBytes)
        {
            return null;
        }

        _taken.Add(accelerator.Allocate1D<byte>(bytes));
        return _taken[^1];
    }
}

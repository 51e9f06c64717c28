using ILGPU;
using ILGPU.Runtime;

namespace BiPE.Cuda.Memory;

/// <summary>Where the pool takes memory from.</summary>
internal interface IDeviceMemory
{
    /// <summary>The device's name.</summary>
    string DeviceName { get; }

    /// <summary>All memory of the device.</summary>
    long TotalBytes { get; }

    /// <summary>What is left of it.</summary>
    long FreeBytes { get; }

    /// <summary>Takes memory; null if there is not that much left.</summary>
    /// <param name="bytes">Bytes.</param>
    /// <exception cref="Core.BipeException">The device is lost.</exception>
    MemoryBuffer1D<byte, Stride1D.Dense>? TryAllocate(long bytes);
}

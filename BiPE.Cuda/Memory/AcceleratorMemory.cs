using BiPE.Cuda.Launching;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda.Memory;

/// <summary>The memory of a device, real or simulated.</summary>
/// <param name="accelerator">The device.</param>
internal sealed class AcceleratorMemory(Accelerator accelerator) : IDeviceMemory
{
    public string DeviceName => accelerator.Name;

    public long TotalBytes => accelerator.MemorySize;

    public long FreeBytes
    {
        get
        {
            try
            {
                return accelerator is CudaAccelerator device ? device.GetFreeMemory() : TotalBytes;
            }
            catch (CudaException e)
            {
                throw DeviceFault.Of(e);
            }
        }
    }

    public MemoryBuffer1D<byte, Stride1D.Dense>? TryAllocate(long bytes)
    {
        try
        {
            return accelerator.Allocate1D<byte>(bytes);
        }
        catch (CudaException e) when (e.Error == nameof(CudaError.CUDA_ERROR_OUT_OF_MEMORY))
        {
            return null;
        }
        catch (CudaException e)
        {
            throw DeviceFault.Of(e);
        }
    }
}

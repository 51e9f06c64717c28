using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda.Devices;

/// <summary>The driver of this machine.</summary>
internal sealed class NvidiaDriver : ICudaDriver
{
    private static readonly Lazy<bool> Library = new(() =>
        NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out _));

    public bool IsPresent => Library.Value;

    public CudaDriverState Read()
    {
        using Context context = Context.Create(builder => CudaBackend.Configure(builder).Cuda());
        CudaException.ThrowIfFailed(CudaAPI.CurrentAPI.GetDriverVersion(out CudaDriverVersion version));
        IEnumerable<CudaDevice> devices = Enumerable.Range(0, context.GetCudaDevices().Count).Select(context.GetCudaDevice);
        return new CudaDriverState(version.Major, version.Minor, [.. devices.Select(StateOf)]);
    }

    private static CudaDeviceState StateOf(CudaDevice device) => new(
        device.Name, device.Architecture?.Major ?? 0, device.Architecture?.Minor ?? 0, device.MemorySize, device.NumMultiprocessors,
        device.InstructionSet.HasValue);
}

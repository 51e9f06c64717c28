using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda.Devices;

/// <summary>The driver of this machine. Nothing of ILGPU may be in its fields, or it would be loaded where there is no driver.</summary>
internal sealed class NvidiaDriver : ICudaDriver
{
    private static readonly Lazy<nint> Loaded = new(() =>
        NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out nint handle) ? handle : 0);

    /// <summary>The driver's library; 0 if there is none.</summary>
    public static nint Library => Loaded.Value;

    public bool IsPresent => Library != 0;

    public CudaDriverState Read()
    {
        IReadOnlyList<CudaDevice> devices = DriverDevices.All;
        CudaException.ThrowIfFailed(CudaAPI.CurrentAPI.GetDriverVersion(out CudaDriverVersion version));
        return new CudaDriverState(version.Major, version.Minor, [.. devices.Select(device => StateOf(device, version))]);
    }

    /// <summary>Whether a driver is new enough to take code for a device.</summary>
    /// <param name="architecture">The device's compute capability; null if it is not known.</param>
    /// <param name="driver">Version of CUDA that the driver is for.</param>
    internal static bool Takes(CudaArchitecture? architecture, CudaDriverVersion driver) =>
        architecture is { } known && driver >= CudaDriverVersionUtils.GetMinimumDriverVersion(known);

    private static CudaDeviceState StateOf(CudaDevice device, CudaDriverVersion driver) => new(
        device.Name, device.Architecture?.Major ?? 0, device.Architecture?.Minor ?? 0, device.MemorySize, device.NumMultiprocessors,
        device.InstructionSet.HasValue && Takes(device.Architecture, driver));
}

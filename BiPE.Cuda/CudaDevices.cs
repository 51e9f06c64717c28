using System.Runtime.InteropServices;
using BiPE.Core;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda;

/// <summary>Finds the CUDA devices of this machine. Without a driver nothing of the CUDA side is touched.</summary>
internal static class CudaDevices
{
    /// <summary>First version of CUDA whose drivers are known to take the kernels: bfloat16 needs its instruction set.</summary>
    private const int OldestDriver = 11;

    private static readonly Lazy<bool> Driver = new(() =>
        NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out _));

    /// <summary>A context that knows the devices.</summary>
    /// <param name="device">Number of the device that will be opened.</param>
    /// <exception cref="BipeException">There is no driver, it is too old, or there is no such device.</exception>
    public static Context OpenContext(int device)
    {
        Context? context = TryOpen(out string problem);
        if (context is null)
        {
            throw new BipeException($"The backend 'cuda' cannot be used: {problem}; use --backend cpu.");
        }

        int count = context.GetCudaDevices().Count;
        if (device < 0 || device >= count)
        {
            context.Dispose();
            throw new BipeException($"There is no CUDA device {device}: this machine has {count}, numbered from 0; choose another --device.");
        }

        return context;
    }

    /// <summary>A line for each device, and one for the driver.</summary>
    /// <param name="problem">Why there is none.</param>
    public static IReadOnlyList<string> Describe(out string problem)
    {
        using Context? context = TryOpen(out problem);
        if (context is null)
        {
            return [];
        }

        CudaAPI.CurrentAPI.GetDriverVersion(out CudaDriverVersion driver);
        var lines = new List<string>();
        for (int index = 0; index < context.GetCudaDevices().Count; index++)
        {
            CudaDevice device = context.GetCudaDevice(index);
            lines.Add(
                $"device {index}: {device.Name}, compute capability {device.Architecture?.Major}.{device.Architecture?.Minor}, {device.MemorySize >> 20} MiB, {device.NumMultiprocessors} multiprocessors");
        }

        lines.Add($"driver for CUDA {driver.Major}.{driver.Minor}");
        return lines;
    }

    private static Context? TryOpen(out string problem)
    {
        if (!Driver.Value)
        {
            problem = "no NVIDIA driver was found";
            return null;
        }

        Context? context = null;
        try
        {
            context = Context.Create(builder => CudaBackend.Configure(builder).Cuda());
            CudaAPI.CurrentAPI.GetDriverVersion(out CudaDriverVersion driver);
            problem = context.GetCudaDevices().Count == 0 ? "the NVIDIA driver shows no device"
                : driver.Major < OldestDriver ? $"the NVIDIA driver is for CUDA {driver.Major}.{driver.Minor}, and {OldestDriver}.0 or newer is needed; update it"
                : "";
        }
        catch (Exception e) when (e is NotSupportedException or DllNotFoundException or EntryPointNotFoundException or CudaException or InvalidOperationException)
        {
            problem = $"the NVIDIA driver could not be used ({e.Message.TrimEnd('.')})";
        }

        if (problem.Length == 0)
        {
            return context;
        }

        context?.Dispose();
        return null;
    }
}

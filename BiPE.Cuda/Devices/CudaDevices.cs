using BiPE.Core;

namespace BiPE.Cuda.Devices;

/// <summary>Finds the CUDA devices of this machine, or says why there are none. Without a driver nothing of the CUDA side is touched.</summary>
/// <param name="driver">The driver.</param>
internal sealed class CudaDevices(ICudaDriver driver)
{
    /// <summary>First version of CUDA whose drivers are known to take the kernels: bfloat16 needs its instruction set.</summary>
    private const int OldestDriver = 11;

    /// <summary>The device of a number.</summary>
    /// <param name="device">Its number, from 0.</param>
    /// <exception cref="BipeException">There is no driver, it is too old, or there is no such device.</exception>
    public CudaDeviceState Require(int device)
    {
        CudaDriverState state = TryRead(out string problem)
            ?? throw new BipeException($"The backend 'cuda' cannot be used: {problem}; or use --backend cpu.");
        if (device < 0 || device >= state.Devices.Count)
        {
            throw new BipeException(
                $"There is no CUDA device {device}: this machine has {state.Devices.Count}, numbered from 0; choose another --device.");
        }

        CudaDeviceState found = state.Devices[device];
        return found.IsKnownToDriver ? found : throw new BipeException(
            $"The NVIDIA driver is for CUDA {state.Major}.{state.Minor}, which is too old for device {device}, {found.Name} of compute capability {found.Major}.{found.Minor}; update the driver, or use --backend cpu.");
    }

    /// <summary>A line for each device, and one for the driver.</summary>
    /// <param name="state">What the driver tells.</param>
    public static IReadOnlyList<string> Describe(CudaDriverState state) =>
    [
        .. state.Devices.Select((device, index) =>
            $"device {index}: {device.Name}, compute capability {device.Major}.{device.Minor}, {device.MemoryBytes >> 20} MiB, {device.Multiprocessors} multiprocessors"),
        $"driver for CUDA {state.Major}.{state.Minor}",
    ];

    /// <summary>What the driver tells, with at least one device; null where nothing can be used.</summary>
    /// <param name="problem">Why there is none, and what helps.</param>
    public CudaDriverState? TryRead(out string problem)
    {
        if (!driver.IsPresent)
        {
            problem = "no NVIDIA driver was found";
            return null;
        }

        try
        {
            CudaDriverState state = driver.Read();
            problem = state.Major < OldestDriver
                ? $"the NVIDIA driver is for CUDA {state.Major}.{state.Minor}, and {OldestDriver}.0 or newer is needed; update the driver"
                : state.Devices.Count == 0 ? "the NVIDIA driver shows no device; check nvidia-smi and CUDA_VISIBLE_DEVICES" : "";
            return problem.Length == 0 ? state : null;
        }
        catch (Exception e) when (e is not (OutOfMemoryException or StackOverflowException))
        {
            // The library of a driver may be there without the driver itself, as in a container, and fails in ways of its own.
            problem = $"the NVIDIA driver could not be used ({e.Message.TrimEnd('.')})";
            return null;
        }
    }
}

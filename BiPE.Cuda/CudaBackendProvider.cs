using BiPE.Core;
using BiPE.Core.Tensors;
using BiPE.Cuda.CuBlas;
using BiPE.Cuda.Devices;

namespace BiPE.Cuda;

/// <summary>The CUDA backend as a choice of <c>--backend</c>.</summary>
public sealed class CudaBackendProvider : IBackendProvider
{
    private const int FirstWithBFloat16 = 8;
    private readonly CudaDevices _devices;

    /// <summary>Makes the provider of this machine's devices.</summary>
    public CudaBackendProvider()
        : this(new NvidiaDriver())
    {
    }

    /// <summary>Makes a provider.</summary>
    /// <param name="driver">Knows the devices.</param>
    internal CudaBackendProvider(ICudaDriver driver) => _devices = new CudaDevices(driver);

    /// <inheritdoc/>
    public string Name => "cuda";

    /// <inheritdoc/>
    public BackendProbe Probe()
    {
        if (_devices.TryRead(out string problem) is not { } driver)
        {
            return new BackendProbe(false, problem);
        }

        IReadOnlyList<string> devices = CudaDevices.Describe(driver);
        return CuBlasLibrary.Found(driver.Major).FirstOrDefault() is { } library
            ? new BackendProbe(true, devices[0]) { Details = [.. devices, $"cuBLAS {library.Version}: {library.Path}"] }
            : new BackendProbe(false, CuBlasLibrary.Missing(driver.Major)) { Details = devices };
    }

    /// <inheritdoc/>
    public ITensorBackend Create(BackendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return CudaBackend.Open(options.Device, PrecisionOf(options.Precision, _devices.Require(options.Device)));
    }

    /// <summary>What is computed in: what the user says, else bfloat16 where the device has it.</summary>
    /// <param name="precision">The user's choice.</param>
    /// <param name="device">The device; null for a simulated one.</param>
    /// <exception cref="BipeException">The device does not have it.</exception>
    internal static CudaPrecision PrecisionOf(ComputePrecision precision, CudaDeviceState? device)
    {
        bool isNew = device is null || device.Major >= FirstWithBFloat16;
        return precision switch
        {
            ComputePrecision.Float32 => CudaPrecision.Float32,
            ComputePrecision.Default when !isNew => CudaPrecision.Float32,
            _ when !isNew => throw new BipeException(
                $"{device!.Name} is of compute capability {device.Major}.{device.Minor}, and bfloat16 and TF32 need 8.0; use --dtype float32."),
            ComputePrecision.TensorFloat32 => CudaPrecision.TensorFloat32,
            _ => CudaPrecision.BFloat16,
        };
    }
}

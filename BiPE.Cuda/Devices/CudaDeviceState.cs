namespace BiPE.Cuda.Devices;

/// <summary>What the driver tells of a device.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Major">Compute capability, before the point.</param>
/// <param name="Minor">Compute capability, after the point.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="Multiprocessors">Its multiprocessors.</param>
/// <param name="IsKnownToDriver">Whether the driver is new enough to take code for it.</param>
internal sealed record CudaDeviceState(string Name, int Major, int Minor, long MemoryBytes, int Multiprocessors, bool IsKnownToDriver);

namespace BiPE.Cuda.Devices;

/// <summary>What the driver tells.</summary>
/// <param name="Major">Version of CUDA that it is for, before the point.</param>
/// <param name="Minor">Version of CUDA that it is for, after the point.</param>
/// <param name="Devices">Its devices, in its order.</param>
internal sealed record CudaDriverState(int Major, int Minor, IReadOnlyList<CudaDeviceState> Devices);

using BiPE.Cuda.Devices;

namespace BiPE.Cuda.Tests.Devices;

/// <summary>A driver that tells what a test wants.</summary>
/// <param name="state">What it tells; null for no driver at all.</param>
internal sealed class FakeDriver(Func<CudaDriverState>? state) : ICudaDriver
{
    public static CudaDeviceState Hopper { get; } = new("H", 9, 0, 80L << 30, 132, IsKnownToDriver: true);

    public bool IsPresent => state is not null;

    public CudaDriverState Read() => state!();
}

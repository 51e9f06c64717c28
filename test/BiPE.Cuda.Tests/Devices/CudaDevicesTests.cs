using BiPE.Core;
using BiPE.Core.Tensors;
using BiPE.Cuda.Devices;

namespace BiPE.Cuda.Tests.Devices;

/// <summary>What is said of machines with every kind of driver.</summary>
public sealed class CudaDevicesTests
{
    private static readonly CudaDeviceState Volta = new("V", 7, 0, 16L << 30, 80, IsKnownToDriver: true);
    private static readonly CudaDeviceState Newest = new("N", 13, 1, 200L << 30, 200, IsKnownToDriver: false);

    [Test]
    public void WithoutADriverNothingElseIsAsked()
    {
        Assert.That(Problem(null), Is.EqualTo("no NVIDIA driver was found"));
        Assert.That(Refusal(null, 0), Is.EqualTo("The backend 'cuda' cannot be used: no NVIDIA driver was found; or use --backend cpu."));
    }

    [Test]
    public void AnOldDriverIsToldWithWhatIsNeeded()
    {
        Func<CudaDriverState> old = () => new(10, 2, [Volta]);
        Assert.That(Problem(old), Is.EqualTo("the NVIDIA driver is for CUDA 10.2, and 11.0 or newer is needed; update the driver"));
        Assert.That(Refusal(old, 0), Does.Contain("CUDA 10.2").And.Contain("update the driver"));
    }

    [Test]
    public void ADriverOlderThanItsDeviceIsRefusedForThatDeviceAlone()
    {
        Func<CudaDriverState> mixed = () => new(12, 4, [FakeDriver.Hopper, Newest]);
        Assert.That(Devices(mixed).Require(0), Is.EqualTo(FakeDriver.Hopper));
        Assert.That(Refusal(mixed, 1), Does.Contain("CUDA 12.4, which is too old for device 1, N of compute capability 13.1; update the driver"));
    }

    [Test]
    public void ADriverWithoutDevicesIsTold() =>
        Assert.That(Problem(() => new(12, 8, [])), Does.Contain("shows no device").And.Contain("CUDA_VISIBLE_DEVICES"));

    [Test]
    public void ADriverThatFailsIsTold() => Assert.That(
        Problem(() => throw new DllNotFoundException("Unable to load libcuda.")), Is.EqualTo("the NVIDIA driver could not be used (Unable to load libcuda)"));

    [TestCase(-1)]
    [TestCase(2)]
    public void ANumberWithoutDeviceIsRefused(int device) => Assert.That(
        Refusal(() => new(12, 8, [FakeDriver.Hopper, Volta]), device),
        Is.EqualTo($"There is no CUDA device {device}: this machine has 2, numbered from 0; choose another --device."));

    [Test]
    public void EveryDeviceAndTheDriverAreListed() => Assert.That(
        CudaDevices.Describe(Devices(() => new(13, 0, [FakeDriver.Hopper, Volta])).TryRead(out _)!), Is.EqualTo(
        [
            "device 0: H, compute capability 9.0, 81920 MiB, 132 multiprocessors",
            "device 1: V, compute capability 7.0, 16384 MiB, 80 multiprocessors",
            "driver for CUDA 13.0",
        ]));

    [Test]
    public void TheProviderTellsWhatIsMissing()
    {
        Assert.That(new CudaBackendProvider(new FakeDriver(null)).Probe(), Is.EqualTo(new BackendProbe(false, "no NVIDIA driver was found")));
        Assert.That(() => new CudaBackendProvider(new FakeDriver(null)).Create(new BackendOptions()), Throws.TypeOf<BipeException>());
    }

    [Test]
    public void BFloat16IsTakenWhereTheDeviceHasIt()
    {
        Assert.That(CudaBackendProvider.PrecisionOf(ComputePrecision.Default, FakeDriver.Hopper), Is.EqualTo(CudaPrecision.BFloat16));
        Assert.That(CudaBackendProvider.PrecisionOf(ComputePrecision.Default, Volta), Is.EqualTo(CudaPrecision.Float32));
        Assert.That(
            () => CudaBackendProvider.PrecisionOf(ComputePrecision.BFloat16, Volta),
            Throws.TypeOf<BipeException>().With.Message.EqualTo("V is of compute capability 7.0, and bfloat16 and TF32 need 8.0; use --dtype float32."));
    }

    private static CudaDevices Devices(Func<CudaDriverState>? state) => new(new FakeDriver(state));

    private static string Problem(Func<CudaDriverState>? state)
    {
        Assert.That(Devices(state).TryRead(out string problem), Is.Null);
        return problem;
    }

    private static string Refusal(Func<CudaDriverState>? state, int device) =>
        Assert.Throws<BipeException>(() => Devices(state).Require(device))!.Message;
}

using System.Reflection;
using System.Runtime.InteropServices;
using BiPE.Cuda.Devices;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda.Tests.Devices;

/// <summary>How the driver is reached and what it is taken for, as far as a machine without one can show.</summary>
public sealed class NvidiaDriverTests
{
    [Test]
    public void DevicesAreLookedForOnceInAProcess()
    {
        IReadOnlyList<CudaDevice> first = DriverDevices.All;
        Assert.That(DriverDevices.All, Is.SameAs(first));
    }

    [Test]
    public void AnImportThatTheRuntimeDoesNotFindIsAnsweredWithWhatIsLoaded()
    {
        const string Name = "a_library_that_nobody_has";
        Assembly importer = typeof(NvidiaDriverTests).Assembly;
        nint loaded = NativeLibrary.Load(OperatingSystem.IsWindows() ? "kernel32.dll" : OperatingSystem.IsMacOS() ? "libSystem.dylib" : "libc.so.6");
        Assert.That(NativeLibrary.TryLoad(Name, importer, null, out _), Is.False);
        DriverDevices.Answer(importer, Name, loaded);
        Assert.That(NativeLibrary.TryLoad(Name, importer, null, out nint found), Is.True);
        Assert.That(found, Is.EqualTo(loaded));
        Assert.That(NativeLibrary.TryLoad("another_that_nobody_has", importer, null, out _), Is.False);
        Assert.That(NativeLibrary.TryLoad(Name, typeof(NvidiaDriver).Assembly, null, out _), Is.False);
    }

    [TestCase(9, 0, 11, 8, true)]
    [TestCase(9, 0, 11, 7, false)]
    [TestCase(10, 0, 12, 7, true)]
    [TestCase(10, 0, 12, 0, false)]
    [TestCase(7, 5, 11, 0, true)]
    [TestCase(99, 0, 12, 0, false)]
    public void ADriverTakesCodeForDevicesThatItKnows(int major, int minor, int driverMajor, int driverMinor, bool takes) => Assert.That(
        NvidiaDriver.Takes(new CudaArchitecture(major, minor), CudaDriverVersion.FromMajorMinor(driverMajor, driverMinor)), Is.EqualTo(takes));

    [Test]
    public void ADeviceThatIsNotKnownIsNotTaken() => Assert.That(NvidiaDriver.Takes(null, CudaDriverVersion.FromMajorMinor(13, 0)), Is.False);
}

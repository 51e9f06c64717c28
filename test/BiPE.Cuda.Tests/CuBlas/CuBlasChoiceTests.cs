using BiPE.Core;
using BiPE.Cuda.CuBlas;

namespace BiPE.Cuda.Tests.CuBlas;

/// <summary>Which of several libraries is taken, and what is said if none can be.</summary>
public sealed class CuBlasChoiceTests
{
    private static readonly Version Driver = new(12, 2);

    [Test]
    public void TheFirstThatOpensIsTaken()
    {
        var working = new Library("libcublas.so.12", new(12, 8, 3), CuBlasStatus.Success);
        Library taken = CuBlasChoice.Open([new("libcublas.so.13", new(13, 0, 2), CuBlasStatus.NotInitialized), working], Driver, out nint handle);
        Assert.That(taken, Is.SameAs(working));
        Assert.That(handle, Is.EqualTo((nint)7));
    }

    [Test]
    public void WhatComesAfterIsNotLoaded()
    {
        IEnumerable<Library> Libraries()
        {
            yield return new("libcublas.so.12", new(12, 8, 3), CuBlasStatus.Success);
            Assert.Fail("The second was asked for.");
        }

        Assert.That(CuBlasChoice.Open(Libraries(), Driver, out _).Path, Is.EqualTo("libcublas.so.12"));
    }

    [Test]
    public void OneForANewerDriverIsToldWithWhatHelps() => Assert.That(
        Refusal(new Library("libcublas.so.13", new(13, 0, 2), CuBlasStatus.NotInitialized)), Is.EqualTo(
            "cuBLAS could not be opened: cuBLAS 13.0.2 (libcublas.so.13) needs a driver for CUDA 13, and the NVIDIA driver is for CUDA 12.2; update the driver, or install cuBLAS 12, or compute with --backend cpu."));

    [Test]
    public void EveryOneThatFailsIsTold() => Assert.That(
        Refusal(new("a", new(12, 8, 3), CuBlasStatus.AllocationFailed), new("b", new(11, 0, 1), CuBlasStatus.NotInitialized)), Is.EqualTo(
            "cuBLAS could not be opened: cuBLAS 12.8.3 (a) answers AllocationFailed (3), cuBLAS 11.0.1 (b) answers NotInitialized (1), and the NVIDIA driver is for CUDA 12.2; check with nvidia-smi that the device works and has memory left, and that cuBLAS and the driver belong together, or compute with --backend cpu."));

    private static string Refusal(params Library[] libraries) =>
        Assert.Throws<BipeException>(() => CuBlasChoice.Open(libraries, Driver, out _))!.Message;

    private sealed record Library(string Path, Version Version, CuBlasStatus Status) : ICuBlas
    {
        public CuBlasStatus Open(out nint handle)
        {
            handle = Status == CuBlasStatus.Success ? 7 : 0;
            return Status;
        }
    }
}

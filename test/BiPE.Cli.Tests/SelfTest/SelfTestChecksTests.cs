using BiPE.Cli.SelfTest;
using BiPE.Core.Tensors;
using BiPE.Cuda;
using BiPE.Testing;

namespace BiPE.Cli.Tests.SelfTest;

/// <summary>The checks of <c>bipe selftest</c>, on the simulated device with what the program carries.</summary>
internal sealed class SelfTestChecksTests
{
    private GoldenFiles _golden = null!;

    [OneTimeSetUp]
    public void Unpack() => _golden = GoldenFiles.Open(null);

    [OneTimeTearDown]
    public void Remove() => _golden.Dispose();

    [Test]
    public void EveryEncodingIsCarried() => Assert.That(_golden.Encodings, Is.EqualTo(["alibi", "bipe_alibi", "bipe_rope", "rope"]));

    [TestCase("rope", CudaPrecision.BFloat16)]
    [TestCase("alibi", CudaPrecision.BFloat16)]
    [TestCase("bipe_rope", CudaPrecision.BFloat16)]
    [TestCase("bipe_alibi", CudaPrecision.BFloat16)]
    [TestCase("bipe_alibi", CudaPrecision.Float32)]
    public void TheReferencesNumbersAreMet(string encoding, CudaPrecision precision)
    {
        using var backend = new ValidatingBackend(SimulatedCuda.Open(precision));
        (bool passed, string detail) = new GoldenCheck(_golden, encoding).Run(backend);
        Assert.That(passed, detail);
    }

    [Test]
    public void TwentyStepsInBFloat16FollowTheFloat32Ones()
    {
        using var backend = new ValidatingBackend(SimulatedCuda.Open(CudaPrecision.BFloat16));
        (bool passed, string detail) = new TrainingCheck(_golden, "alibi").Run(backend);
        Assert.That(passed, detail);
    }

    [Test]
    public void ATrainingTwiceGivesTheSameBitsAndLeavesNoMemory()
    {
        using var backend = new ValidatingBackend(SimulatedCuda.Open(CudaPrecision.BFloat16));

        // What the backend itself holds, as cuBLAS its workspace, is not left behind by the training.
        Tensor held = backend.Allocate(new Shape(7), ElementType.Float32);
        (bool passed, string detail) = new RepetitionCheck(_golden, "alibi").Run(backend);
        backend.Release(held);
        Assert.That(passed, detail);
        Assert.That(detail, Does.Contain("the same bits; 0 buffers left, the second time took 0 bytes"));
    }

    [TestCase(false, false, ExpectedResult = true)]
    [TestCase(true, false, ExpectedResult = false)]
    [TestCase(false, true, ExpectedResult = false)]
    public bool RepetitionPassesUnlessMemoryIsKeptOrResultsDiffer(bool keepsMemory, bool isErratic)
    {
        using var backend = new WrongProductBackend { KeepsMemory = keepsMemory, IsErratic = isErratic };
        return new RepetitionCheck(_golden, "bipe_rope").Run(backend).Passed;
    }

    [Test]
    public void LogitsMayDifferByTwoTenThousandthsInFloat32()
    {
        using var backend = SimulatedCuda.Open(CudaPrecision.Float32);
        Assert.That(SelfTestBounds.Of(backend), Is.EqualTo(new SelfTestBounds(1e-4, 2e-4, 1e-4, 1e-3)));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void AWrongProductIsSeenByEveryCheck(bool givesNaN)
    {
        IEnumerable<ISelfTestCheck> checks = [new OperationsCheck(), new GoldenCheck(_golden, "rope"), .. givesNaN ? [new TrainingCheck(_golden, "alibi")] : Array.Empty<ISelfTestCheck>()];
        foreach (ISelfTestCheck check in checks)
        {
            using var backend = new WrongProductBackend { GivesNaN = givesNaN };
            Assert.That(check.Run(backend).Passed, Is.False, check.Name);
        }
    }

    [Test]
    public void TheCommandWritesALineForEachCheck()
    {
        BipeOutcome outcome = Bipe.Run("selftest", "--backend", "cpu").RequireSuccess();
        string[] lines = outcome.Output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines[0], Does.StartWith("cpu: "));
        Assert.That(lines.Skip(1).Count(), Is.EqualTo(8));
        Assert.That(lines.Skip(1), Is.All.StartsWith("ok    "));
    }

    [Test]
    public void AFolderWithoutNumbersIsRefused() =>
        Assert.That(Bipe.Run("selftest", "--backend", "cpu", "--golden", "/").Error, Does.Contain("has no recorded numbers"));
}

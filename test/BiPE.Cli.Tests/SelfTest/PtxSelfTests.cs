using BiPE.Cli.SelfTest;
using BiPE.Core.Tensors;
using BiPE.Cuda;
using BiPE.Testing.Ptx;

namespace BiPE.Cli.Tests.SelfTest;

/// <summary>What <c>bipe selftest</c> checks on a device, on the code that the device would get.</summary>
internal sealed class PtxSelfTests
{
    [TestCase(CudaPrecision.Float32)]
    [TestCase(CudaPrecision.BFloat16)]
    public void EveryOperationIsRightInTheCodeThatADeviceGets(CudaPrecision precision)
    {
        using var backend = new ValidatingBackend(PtxCuda.Open(precision));

        // Attention over many keys, which takes half of the time, is among the conformance tests.
        (bool passed, string detail) = new OperationsCheck(name => !name.StartsWith("Attention of 600", StringComparison.Ordinal)).Run(backend);
        Assert.That(passed, detail);
        TestContext.Out.WriteLine(detail);
    }
}

using BiPE.Testing;
using BiPE.Testing.Ptx;

namespace BiPE.Backend.Tests;

/// <summary>Closes the devices that fixtures share when all have ended.</summary>
[SetUpFixture]
public sealed class SharedDevices
{
    [OneTimeTearDown]
    public void Close()
    {
        SimulatedCuda.CloseShared();
        PtxCuda.CloseShared();
    }
}

using BiPE.Core.Checkpoints;

namespace BiPE.Core.Tests.Checkpoints;

public sealed class AtomicFileTests
{
    [Test]
    [Platform("Linux")]
    public void ADeviceIsWrittenAndNotReplaced()
    {
        const string Full = "/dev/full";
        Assume.That(Full, Does.Exist);
        Assert.That(() => AtomicFile.WriteText(Full, "text"), Throws.TypeOf<BipeException>().With.Message.StartsWith("Cannot write '/dev/full': No space left"));
        using FileStream device = File.OpenRead(Full);
        Assert.That(device.ReadByte(), Is.Zero, "it gives zeros for ever");
    }
}

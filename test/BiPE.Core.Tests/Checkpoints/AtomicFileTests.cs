using System.IO.Pipes;
using BiPE.Core.Checkpoints;
using BiPE.Testing;

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

    [Test]
    [Platform("Linux")]
    public void ADeviceThatStandsForAFileIsAppendedTo()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("all.json", "before ");
        using (var opened = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            string device = $"/dev/fd/{opened.SafeFileHandle.DangerousGetHandle()}";
            Assume.That(device, Does.Exist);
            AtomicFile.WriteText(device, "text");
        }

        Assert.That(File.ReadAllText(file), Is.EqualTo("before text"));
    }

    [Test]
    [Platform("Linux")]
    public void APipeIsWritten()
    {
        using var reader = new AnonymousPipeServerStream(PipeDirection.In);
        string device = $"/dev/fd/{reader.ClientSafePipeHandle.DangerousGetHandle()}";
        Assume.That(device, Does.Exist);
        AtomicFile.WriteText(device, "text");
        reader.DisposeLocalCopyOfClientHandle();
        Assert.That(new StreamReader(reader).ReadToEnd(), Is.EqualTo("text"));
    }
}

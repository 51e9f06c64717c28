using BiPE.Core.Checkpoints;
using BiPE.Testing;

namespace BiPE.Core.Tests.Checkpoints;

public sealed class FolderLockTests
{
    [Test]
    public void OneAtATimeHasAFolder()
    {
        using var folder = new TemporaryFolder();
        using (FolderLock.Take(folder.Path))
        {
            Assert.That(() => FolderLock.Take(folder.Path), Throws.TypeOf<BipeException>().With.Message.Contains(folder.Path).And.Message.Contains("Another process"));
        }

        FolderLock.Take(folder.Path).Dispose();
        Assert.That(Directory.EnumerateFileSystemEntries(folder.Path), Is.Empty);
    }

    [Test]
    public void AFolderThatWasMadeForItGoesUnlessSomethingLiesInIt([Values] bool isUsed)
    {
        using var folder = new TemporaryFolder();
        using (FolderLock.Take(folder.At("run")))
        {
            if (isUsed)
            {
                folder.Write("run/model", "kept");
            }
        }

        Assert.That(Directory.Exists(folder.At("run")), Is.EqualTo(isUsed));
    }

    [Test]
    public void AFileIsNoFolder()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("run", "a file");
        Assert.That(() => FolderLock.Take(file), Throws.TypeOf<BipeException>().With.Message.Contains(file));
    }
}

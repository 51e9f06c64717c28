using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Memory;

public sealed class ReleaseTests(BackendFixture fixture) : OperationTests(fixture)
{
    [Test]
    public void TakesAViewForTheWhole()
    {
        Tensor tensor = Backend.Allocate(new(4, 6), ElementType.Int32);
        Backend.Release(tensor.Slice(2, 1));
        Assert.That(tensor.Buffer.IsReleased);
        Assert.That(Backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void LetsMemoryBeUsedAgainWithoutTakingMore()
    {
        int[] lengths = [0, 1, 100, 3000, 40_000];
        for (int step = 0; step < 2; step++)
        {
            AllocateAndRelease(lengths);
        }

        MemoryUse after = Backend.Memory;
        for (int step = 0; step < 20; step++)
        {
            AllocateAndRelease(lengths);
        }

        Assert.That(Backend.Memory.Reserved, Is.EqualTo(after.Reserved));
        Assert.That(Backend.Memory.Peak, Is.EqualTo(after.Peak));
    }

    [Test]
    public void DoesNotDisturbWhatIsAlive()
    {
        using var scope = new TensorScope(Backend);
        Tensor kept = scope.Allocate(new(1000), ElementType.Int32);
        Backend.Fill(kept, 42);
        for (int step = 0; step < 10; step++)
        {
            Tensor other = Backend.Allocate(new(1000), ElementType.Int32);
            Backend.Fill(other, step);
            Backend.Release(other);
        }

        Assert.That(Backend.ReadIntegers(kept), Is.All.EqualTo(42));
    }

    private void AllocateAndRelease(int[] lengths)
    {
        Tensor[] tensors = Array.ConvertAll(lengths, length => Backend.Allocate(new(length), Backend.Info.ActivationType));
        Array.ForEach(tensors, Backend.Release);
    }
}

using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Memory;

public sealed class AllocateTests(BackendFixture fixture) : OperationTests(fixture)
{
    [Test]
    public void GivesTheShapeAndTypeThatWereAskedFor([Values] bool isStatistic)
    {
        ElementType type = isStatistic ? Backend.Info.StatisticsType : Backend.Info.ActivationType;
        Tensor tensor = Backend.Allocate(new(3, 5, 7), type);
        Assert.That(tensor.Shape, Is.EqualTo(new Shape(3, 5, 7)));
        Assert.That(tensor.Type, Is.EqualTo(type));
        Assert.That(tensor.Offset, Is.Zero);
        Assert.That(tensor.Buffer.ByteLength, Is.GreaterThanOrEqualTo(tensor.ByteLength));
        Backend.Release(tensor);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(1_000_003)]
    public void CountsWhatIsAlive(int length)
    {
        Tensor first = Backend.Allocate(new(length), ElementType.Int32);
        Tensor second = Backend.Allocate(new(length), Backend.Info.ActivationType);
        MemoryUse use = Backend.Memory;
        Assert.That(use.LiveBuffers, Is.EqualTo(2));
        Assert.That(use.Used, Is.GreaterThanOrEqualTo(first.ByteLength + second.ByteLength));
        Assert.That(use.Peak, Is.GreaterThanOrEqualTo(use.Used));
        Assert.That(use.Reserved, Is.GreaterThanOrEqualTo(use.Used));
        Backend.Release(first);
        Backend.Release(second);
    }

    [Test]
    public void GivesDisjointMemory()
    {
        using var scope = new TensorScope(Backend);
        Tensor[] tensors = [.. Enumerable.Range(0, 50).Select(i => scope.Allocate(new(i), ElementType.Int32))];
        for (int i = 0; i < tensors.Length; i++)
        {
            Backend.Fill(tensors[i], i);
        }

        for (int i = 0; i < tensors.Length; i++)
        {
            Assert.That(Backend.ReadIntegers(tensors[i]), Is.All.EqualTo(i));
        }
    }
}

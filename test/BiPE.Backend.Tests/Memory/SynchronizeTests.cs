using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Memory;

public sealed class SynchronizeTests(BackendFixture fixture) : OperationTests(fixture)
{
    [Test]
    public void ReturnsWithNothingToDoAndAfterWork()
    {
        using var scope = new TensorScope(Backend);
        Backend.Synchronize();
        Tensor tensor = scope.Allocate(new(64, 64));
        Tensor product = scope.Allocate(new(64, 64));
        Backend.Fill(tensor, 0.5);
        Backend.MatMul(product, tensor, tensor);
        Backend.Synchronize();
        Assert.That(Backend.ReadDoubles(product), Is.All.EqualTo(16));
    }
}

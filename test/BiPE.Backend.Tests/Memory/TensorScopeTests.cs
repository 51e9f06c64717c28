using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Memory;

public sealed class TensorScopeTests
{
    private ValidatingBackend _backend = null!;

    [SetUp]
    public void CreateBackend() => _backend = new ValidatingBackend(new ReferenceBackend());

    [TearDown]
    public void DisposeBackend() => _backend.Dispose();

    private int Live => _backend.Memory.LiveBuffers;

    [Test]
    public void GivesBackWhatItAllocated()
    {
        using (var scope = new TensorScope(_backend))
        {
            Tensor tensor = scope.Allocate(new(3));
            Assert.That(tensor.Type, Is.EqualTo(ElementType.Float64));
            Assert.That(scope.Allocate(new(3), ElementType.Int32).Type, Is.EqualTo(ElementType.Int32));
            Assert.That(scope.Owns(tensor.Slice(1, 1)));
            Assert.That(scope.OwnedCount, Is.EqualTo(2));
            Assert.That(Live, Is.EqualTo(2));
        }

        Assert.That(Live, Is.Zero);
    }

    [Test]
    public void KeepMovesATensorOneScopeOut()
    {
        Tensor tensor;
        using var outer = new TensorScope(_backend);
        using (var inner = new TensorScope(_backend, outer))
        {
            tensor = inner.Allocate(new(4, 2));
            Tensor view = tensor.Slice(1, 2);
            Assert.That(inner.Keep(view), Is.SameAs(view));
            Assert.That(inner.Owns(tensor), Is.False);
        }

        Assert.That(tensor.Buffer.IsReleased, Is.False);
        Assert.That(outer.Owns(tensor));
        outer.Dispose();
        Assert.That(Live, Is.Zero);
    }

    [Test]
    public void KeepInTheOutermostScopeGivesTheTensorToTheCaller()
    {
        Tensor tensor;
        using (var scope = new TensorScope(_backend))
        {
            tensor = scope.Keep(scope.Allocate(new(4)));
        }

        Assert.That(Live, Is.EqualTo(1));
        _backend.Release(tensor);
        Assert.That(Live, Is.Zero);
    }

    [Test]
    public void KeepLeavesATensorOfAnotherScopeWhereItIs()
    {
        using var outer = new TensorScope(_backend);
        using var inner = new TensorScope(_backend, outer);
        Tensor tensor = outer.Allocate(new(1));
        inner.Keep(tensor);
        Assert.That(outer.Owns(tensor));
        Assert.That(inner.OwnedCount, Is.Zero);
    }

    [Test]
    public void KeepIntoAScopeThatEndedDoesNotLoseTheTensor()
    {
        var outer = new TensorScope(_backend);
        using (var inner = new TensorScope(_backend, outer))
        {
            Tensor tensor = inner.Allocate(new(1));
            outer.Dispose();
            Assert.That(() => inner.Keep(tensor), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(inner.Owns(tensor));
        }

        Assert.That(Live, Is.Zero);
    }

    [Test]
    public void ReleaseGivesBackEarlyAndOnlyOnce()
    {
        using var scope = new TensorScope(_backend);
        Tensor tensor = scope.Allocate(new(2));
        Assert.That(scope.Release(tensor.Slice(0, 1)));
        Assert.That(Live, Is.Zero);
        Assert.That(scope.Release(tensor), Is.False);
    }

    [Test]
    public void ReleaseLeavesATensorOfAnotherScopeAlone()
    {
        using var outer = new TensorScope(_backend);
        using var inner = new TensorScope(_backend, outer);
        Tensor tensor = outer.Allocate(new(2));
        Assert.That(inner.Release(tensor), Is.False);
        Assert.That(tensor.Buffer.IsReleased, Is.False);
    }

    [Test]
    public void AdoptTakesOverATensorOnce()
    {
        Tensor tensor = _backend.Allocate(new(6), ElementType.Int32);
        using (var scope = new TensorScope(_backend))
        {
            scope.Adopt(tensor);
            scope.Adopt(tensor.Slice(1, 2));
            Assert.That(scope.OwnedCount, Is.EqualTo(1));
        }

        Assert.That(Live, Is.Zero);
    }

    [Test]
    public void ScopesMayEndInAnyOrder()
    {
        var outer = new TensorScope(_backend);
        var inner = new TensorScope(_backend, outer);
        outer.Allocate(new(1));
        inner.Allocate(new(1));
        outer.Dispose();
        Assert.That(Live, Is.EqualTo(1));
        inner.Dispose();
        Assert.That(Live, Is.Zero);
    }

    [Test]
    public void DisposingTwiceIsHarmlessAndUseAfterwardsIsAnError()
    {
        var scope = new TensorScope(_backend);
        Tensor tensor = scope.Keep(scope.Allocate(new(1)));
        scope.Dispose();
        scope.Dispose();
        Assert.That(() => scope.Allocate(new(1)), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => scope.Adopt(tensor), Throws.TypeOf<ObjectDisposedException>());
        _backend.Release(tensor);
    }
}

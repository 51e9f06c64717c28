using BiPE.Cli.Benchmark.Cases;
using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Cli.Tests.Benchmark;

internal sealed class OperandSetsTests
{
    [Test]
    public void RandomValuesAreDrawnOnceForAllOperations()
    {
        using var backend = new ReferenceBackend();
        using var scope = new TensorScope(backend);
        new OperandSets(scope, 1).Random(4);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            new OperandSets(scope, 1).Random(4);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }
}

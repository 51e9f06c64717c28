using System.Reflection;
using BiPE.Core.Tensors;
using BiPE.Cpu;
using BiPE.Cuda;
using BiPE.Testing;

namespace BiPE.Backend.Tests;

/// <summary>Which operations a backend leaves to the interface's default bodies on the host.</summary>
public sealed class DefaultBodyTests
{
    [Test]
    public void ABackendNeedsToWriteOnlyMemoryProductsAndElementwiseOperations() => Assert.That(
        DefaultBodiesOf(typeof(DefaultBodiesBackend)), Is.SupersetOf(new[] { nameof(ITensorBackend.Attention), nameof(ITensorBackend.RmsNorm) })
            .And.Not.Contain(nameof(ITensorBackend.MatMul)));

    [Test]
    public void TheValidatingBackendPassesEveryOperationOn() => Assert.That(DefaultBodiesOf(typeof(ValidatingBackend)), Is.Empty);

    [Test]
    public void TheTimingBackendPassesEveryOperationOn() => Assert.That(DefaultBodiesOf(typeof(TimingBackend)), Is.Empty);

    [Test]
    public void TheCpuBackendComputesEverythingItself() => Assert.That(DefaultBodiesOf(typeof(CpuBackend)), Is.Empty);

    [Test]
    public void TheCudaBackendComputesEverythingItself() => Assert.That(DefaultBodiesOf(typeof(CudaBackend)), Is.Empty);

    private static string[] DefaultBodiesOf(Type backend)
    {
        InterfaceMapping map = backend.GetInterfaceMap(typeof(ITensorBackend));
        return [.. Enumerable.Range(0, map.InterfaceMethods.Length)
            .Where(i => map.TargetMethods[i] is null || map.TargetMethods[i].DeclaringType == typeof(ITensorBackend))
            .Select(i => map.InterfaceMethods[i].Name)];
    }
}

using System.Reflection;
using BiPE.Core.Tensors;
using BiPE.Cpu.Simd;
using BiPE.Cpu.Tests.Simd;

namespace BiPE.Cpu.Tests.Kernels;

/// <summary>
/// Every operation with all operands beside guard pages, at lengths with every kind of tail: nothing reads or writes beyond
/// an operand, and the results are those of ordinary memory, bit for bit.
/// </summary>
[Platform("Linux")]
public sealed class GuardPageTests
{
    private static readonly int[] s_lengths = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 47, 48, 49, 63, 65, 100, 112];

    private static IEnumerable<TestCaseData> Cases() =>
        from width in Widths.All
        from operation in GuardedOperations.All.Keys
        select new TestCaseData(width, operation);

    [TestCaseSource(nameof(Cases))]
    public void StaysInsideItsOperands(SimdWidth width, string operation)
    {
        var options = new CpuBackendOptions { Threads = 2, Width = width, FrozenType = ElementType.BFloat16 };
        using var plain = new ValidatingBackend(new CpuBackend(options));
        using var guardedEnd = new ValidatingBackend(new CpuBackend(options, new GuardedMemory(guardsStart: false)));
        using var guardedStart = new ValidatingBackend(new CpuBackend(options, new GuardedMemory(guardsStart: true)));
        foreach (int length in s_lengths)
        {
            float[] expected = Run(plain, operation, length);
            Assert.That(expected, Has.None.NaN);
            Assert.That(Run(guardedEnd, operation, length), Is.EqualTo(expected), $"length {length}, guarded end");
            Assert.That(Run(guardedStart, operation, length), Is.EqualTo(expected), $"length {length}, guarded start");
        }
    }

    [Test]
    public void CoversEveryOperationThatComputes()
    {
        string[] memory = ["Allocate", "Release", "Upload", "Download", "Synchronize"];
        IEnumerable<string> operations = typeof(ITensorBackend).GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(method => !method.IsSpecialName).Select(method => method.Name).Except(memory);
        Assert.That(GuardedOperations.All.Keys, Is.SupersetOf(operations));
    }

    private static float[] Run(ITensorBackend backend, string operation, int length)
    {
        using var scope = new TensorScope(backend);
        Tensor[] results = GuardedOperations.All[operation](new GuardedOperands(scope), length);
        return [.. results.SelectMany(result => result.Type == ElementType.Int32
            ? backend.ReadIntegers(result).Select(value => (float)value)
            : backend.ReadFloats(result))];
    }
}

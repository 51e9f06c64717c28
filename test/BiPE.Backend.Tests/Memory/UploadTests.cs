using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Memory;

public sealed class UploadTests(BackendFixture fixture) : OperationTests(fixture)
{
    [Test]
    public void WritesEveryIntegerAndNothingElse([Values(0, 1, 2, 7, 16, 33, 1000)] int length) => Check($"integers {length}", bench =>
    {
        Tensor tensor = bench.Integers(new(length), [.. Enumerable.Repeat(-1, length)]);
        bench.Backend.Upload<int>(tensor, [.. Enumerable.Range(0, length).Select(i => (i * 77) - 1000)]);
        bench.Expect("integers", tensor, Tolerance.Exact);
    });

    [Test]
    public void WritesThroughASlice() => Check("slice", bench =>
    {
        Tensor tensor = bench.Integers(new(5, 3), new int[15]);
        bench.Backend.Upload<int>(tensor.Slice(1, 2), [int.MaxValue, int.MinValue, -1, 0, 1, 2]);
        bench.Expect("integers", tensor, Tolerance.Exact);
    });
}

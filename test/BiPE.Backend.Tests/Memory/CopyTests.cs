using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Memory;

public sealed class CopyTests(BackendFixture fixture) : OperationTests(fixture)
{
    [TestCaseSource(nameof(Lengths))]
    public void CopiesEveryElement(int length) => Check($"length {length}", bench =>
    {
        Tensor source = bench.Activation(new(length));
        Tensor integers = bench.Integers(new(length), 1000);
        Tensor copy = bench.Destination(new(length));
        Tensor integerCopy = bench.Integers(new(length), new int[length]);
        bench.Backend.Copy(copy, source);
        bench.Backend.Copy(integerCopy, integers);
        bench.Expect("copy", copy, Tolerance.Exact);
        bench.Expect("copy of integers", integerCopy, Tolerance.Exact);
    });

    [Test]
    public void CopiesBetweenSlicesAndShapesAndKeepsSpecialValues() => Check("slices", bench =>
    {
        Tensor source = bench.Activation(new(3, 4), [double.NaN, -0.0, 1e-42, 4, double.NaN, -0.0, 1e-42, double.NegativeInfinity, 1, 2, 3, 4]);
        Tensor copy = bench.Destination(new(10), WriteMode.Accumulate);
        bench.Backend.Copy(copy.Slice(1, 8), source.Slice(1, 2));
        bench.Expect("copy", copy, Tolerance.Exact);
    });

    [Test]
    public void LeavesATensorCopiedToItselfAsItIs() => Check("itself", bench =>
    {
        Tensor tensor = bench.Activation(new(77));
        bench.Backend.Copy(tensor, tensor);
        bench.Expect("copy", tensor, Tolerance.Exact);
    });
}

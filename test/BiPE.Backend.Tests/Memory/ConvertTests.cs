using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Memory;

public sealed class ConvertTests(BackendFixture fixture) : OperationTests(fixture)
{
    [TestCaseSource(nameof(Lengths))]
    public void CopiesWhereTheTypesAreTheSame(int length) => Check($"length {length}", bench =>
    {
        Tensor source = bench.Activation(new(length));
        Tensor result = bench.Destination(new(length));
        bench.Backend.Convert(result, source);
        bench.Expect("result", result, Tolerance.Exact);
    });

    [Test]
    public void RoundsFloat32ToTheNearestBFloat16TiesToEvenAndBack()
    {
        if (!Stores(ElementType.BFloat16) || !Stores(ElementType.Float32))
        {
            Assert.Ignore($"{Backend.Info.Name} does not store Float32 and BFloat16.");
        }

        (uint Float, ushort BFloat)[] cases =
        [
            (0x3F800000, 0x3F80), (0x3F808000, 0x3F80), (0x3F818000, 0x3F82), (0x3F808001, 0x3F81), (0xBF817FFF, 0xBF81),
            (0x7F7FFFFF, 0x7F80), (0x7F800000, 0x7F80), (0xFF800000, 0xFF80), (0x00000001, 0), (0x80000000, 0x8000), (0x00018000, 2),
        ];
        using var scope = new TensorScope(Backend);
        Tensor wide = scope.Allocate(new(cases.Length), ElementType.Float32);
        Tensor narrow = scope.Allocate(new(cases.Length), ElementType.BFloat16);
        Backend.Upload<float>(wide, [.. cases.Select(value => BitConverter.UInt32BitsToSingle(value.Float))]);
        Backend.Convert(narrow, wide);
        var found = new ushort[cases.Length];
        Backend.Download(found.AsSpan(), narrow);
        Assert.That(found, Is.EqualTo(cases.Select(value => value.BFloat)));

        Backend.Convert(wide, narrow);
        Assert.That(
            Backend.ReadFloats(wide).Select(BitConverter.SingleToUInt32Bits), Is.EqualTo(cases.Select(value => (uint)value.BFloat << 16)));
    }

    [Test]
    public void KeepsNotANumbersWhoseBitsWouldRoundToInfinity()
    {
        if (!Stores(ElementType.BFloat16) || !Stores(ElementType.Float32))
        {
            Assert.Ignore($"{Backend.Info.Name} does not store Float32 and BFloat16.");
        }

        using var scope = new TensorScope(Backend);
        Tensor wide = scope.Allocate(new(2), ElementType.Float32);
        Tensor narrow = scope.Allocate(new(2), ElementType.BFloat16);
        Backend.Upload<float>(wide, [BitConverter.UInt32BitsToSingle(0x7F800001), BitConverter.UInt32BitsToSingle(0xFFFFFFFF)]);
        Backend.Convert(narrow, wide);
        Assert.That(Backend.ReadFloats(narrow), Is.All.NaN);
    }
}

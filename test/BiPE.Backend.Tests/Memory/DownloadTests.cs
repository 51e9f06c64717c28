using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Memory;

public sealed class DownloadTests(BackendFixture fixture) : OperationTests(fixture)
{
    [Test]
    public void ReturnsTheBitsThatWereUploaded()
    {
        if (!Stores(ElementType.Float32))
        {
            Assert.Ignore($"{Backend.Info.Name} does not store Float32.");
        }

        float[] values = [.. new uint[] { 0, 0x80000000, 1, 0x7F800000, 0xFF800000, 0x7FC00001, 0x3F800001, 0x7F7FFFFF }.Select(BitConverter.UInt32BitsToSingle)];
        using var scope = new TensorScope(Backend);
        Tensor tensor = scope.Allocate(new(values.Length), ElementType.Float32);
        Backend.Upload<float>(tensor, values);
        var found = new float[values.Length];
        Backend.Download(found.AsSpan(), tensor);
        Assert.That(found.Select(BitConverter.SingleToUInt32Bits), Is.EqualTo(values.Select(BitConverter.SingleToUInt32Bits)));
    }

    [Test]
    public void ReadsASlice()
    {
        using var scope = new TensorScope(Backend);
        Tensor tensor = scope.Allocate(new(4, 3), ElementType.Int32);
        Backend.Upload<int>(tensor, [.. Enumerable.Range(0, 12)]);
        Assert.That(Backend.ReadIntegers(tensor.Slice(1, 2)), Is.EqualTo(new[] { 3, 4, 5, 6, 7, 8 }));
        Assert.That(Backend.ReadIntegers(tensor.Slice(4, 0)), Is.Empty);
    }

    [Test]
    public void ComesAfterEverythingThatWrites()
    {
        using var scope = new TensorScope(Backend);
        Tensor sum = scope.Allocate(new(20_000));
        Tensor one = scope.Allocate(new(20_000));
        Backend.Fill(sum, 0);
        Backend.Fill(one, 1);
        for (int i = 0; i < 50; i++)
        {
            Backend.Add(sum, sum, one);
        }

        Assert.That(Backend.ReadDoubles(sum), Is.All.EqualTo(50));
    }
}

using System.Text.Json;
using BiPE.Core.Checkpoints;
using BiPE.Core.Checkpoints.Pickle;
using BiPE.Testing;

namespace BiPE.Core.Tests.Checkpoints.Pickle;

/// <summary>Files that Python's own pickle and zipfile wrote (Golden/torch/make_torch_files.py).</summary>
public sealed class TorchFileTests
{
    [TestCase("zip.bin")]
    [TestCase("zip_protocol4.bin")]
    [TestCase("zip_big_endian.bin")]
    [TestCase("zip64.bin")]
    [TestCase("legacy.bin")]
    public void EveryTensorOfEveryFormatHasItsShapeTypeAndElements(string name)
    {
        using TorchFile file = TorchFile.Open(TestFiles.InRepository("BiPE.Core.Tests", "torch", name));
        JsonElement expected = JsonDocument.Parse(File.ReadAllBytes(TestFiles.InRepository("BiPE.Core.Tests", "torch", "expected.json"))).RootElement;
        Assert.That(file.Tensors.Keys, Is.EqualTo(expected.EnumerateObject().Select(property => property.Name)));
        int read = 0;
        foreach (JsonProperty property in expected.EnumerateObject())
        {
            StoredTensor tensor = file.Tensors[property.Name];
            Assert.That(tensor.Shape, Is.EqualTo(property.Value.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt64())), property.Name);
            if (!tensor.IsReadable)
            {
                continue;
            }

            float[] values = [.. property.Value.GetProperty("values").EnumerateArray().Select(value => Rounded(value.GetDouble(), tensor.Type))];
            var whole = new float[tensor.Count];
            file.ReadFloats(property.Name, 0, whole);
            Assert.That(whole, Is.EqualTo(values), property.Name);
            for (int first = 0; first < values.Length; first++)
            {
                var part = new float[Math.Min(3, values.Length - first)];
                file.ReadFloats(property.Name, first, part);
                Assert.That(part, Is.EqualTo(values[first..(first + part.Length)]), $"{property.Name} from {first}");
            }

            read++;
        }

        Assert.That(read, Is.EqualTo(12));
    }

    [Test]
    public void OtherTypesAreListedButRefusedByName()
    {
        using TorchFile file = TorchFile.Open(TestFiles.InRepository("BiPE.Core.Tests", "torch", "zip.bin"));
        Assert.That((file.Tensors["counter"].Type, file.Tensors["double"].Type), Is.EqualTo(("I64", "F64")));
        Assert.That(() => file.ReadFloats("counter", 0, new float[1]), Throws.TypeOf<BipeException>().With.Message.Contains("I64 (LongStorage)"));
        Assert.That(() => file.ReadFloats("double", 0, new float[1]), Throws.TypeOf<BipeException>().With.Message.Contains("F64 (DoubleStorage)"));
        Assert.That(() => file.ReadFloats("nothing", 0, new float[1]), Throws.TypeOf<BipeException>().With.Message.Contains("no tensor 'nothing'"));
        Assert.That(() => file.ReadFloats("whole", 20, new float[5]), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void LongTensorsAreReadInPiecesWhateverTheirStrides()
    {
        using var folder = new TemporaryFolder();
        float[] values = [.. Enumerable.Range(0, 150 * 90).Select(i => (float)i)];
        foreach (bool transposed in new[] { false, true })
        {
            string path = folder.Write("model.bin", TorchBytes.Save([("a", [150, 90], values)], legacy: false, transposed));
            using TorchFile file = TorchFile.Open(path);
            var read = new float[values.Length - 7];
            file.ReadFloats("a", 7, read);
            Assert.That(read, Is.EqualTo(values[7..]), $"transposed {transposed}");
        }
    }

    private static float Rounded(double value, string type) => type switch
    {
        "F16" => (float)(Half)value,
        "BF16" => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits((float)value) & 0xFFFF_0000),
        _ => (float)value,
    };
}

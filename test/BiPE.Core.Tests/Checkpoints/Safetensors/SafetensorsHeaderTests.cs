using System.Text;
using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Testing;

namespace BiPE.Core.Tests.Checkpoints.Safetensors;

public sealed class SafetensorsHeaderTests
{
    private const string Valid =
        """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"I64","shape":[],"data_offsets":[24,32]}}""";

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void Reads_names_types_shapes_and_metadata()
    {
        using var file = Open(SafetensorsBytes.Make(Valid, 32));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(file.Entries.Keys, Is.EquivalentTo(new[] { "a", "b" }));
            Assert.That(file.Entries["a"].Type, Is.EqualTo(SafetensorsType.Float32));
            Assert.That(file.Entries["a"].Shape, Is.EqualTo(new long[] { 2, 3 }));
            Assert.That(file.Entries["a"].Count, Is.EqualTo(6));
            Assert.That(file.Entries["b"].Shape, Is.Empty);
            Assert.That(file.Entries["b"].Count, Is.EqualTo(1));
            Assert.That(file.Metadata, Is.EqualTo(new Dictionary<string, string> { ["format"] = "pt" }));
        }
    }

    [TestCase("{}", 0)]
    [TestCase("{}        ", 0)]
    [TestCase("""{"e":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]},"a":{"shape":[1],"data_offsets":[0,1],"dtype":"BOOL"}}""", 1)]
    public void Accepts_what_the_format_allows(string header, int dataLength)
    {
        using var file = Open(SafetensorsBytes.Make(header, dataLength));
        Assert.That(file.Entries, Has.Count.EqualTo(dataLength == 0 ? 0 : 2));
    }

    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "'b' overlaps 'a'")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "overlaps")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "'a' ends at byte 8 of the data, but the file has 4")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "4 bytes between the header and the tensor 'a'")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "the last 1 bytes belong to no tensor")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "begin <= end")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", 8, "expected [begin, end]")]
    [TestCase("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "takes 12 bytes")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}""", 8, "'a.shape'")]
    [TestCase("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "not negative")]
    [TestCase("""{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}""", 8, "'a.shape'")]
    [TestCase("""{"a":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}}""", 8, "holds an array")]
    [TestCase("""{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", 8, "an array of integers")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "too large")]
    [TestCase("""{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}""", 0, "too large")]
    [TestCase("""{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,0]}}""", 0, "'a.shape'")]
    [TestCase("""{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", 8, "'F8_E4M3'")]
    [TestCase("""{"a":{"dtype":3,"shape":[8],"data_offsets":[0,8]}}""", 8, "'a.dtype'")]
    [TestCase("""{"a":{"dtype":"U8","shape":[8]}}""", 8, "lacks one of")]
    [TestCase("""{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8],"device":"cpu"}}""", 8, "'device'")]
    [TestCase("""{"a":{"dtype":"U8","shape":[8],"shape":[8],"data_offsets":[0,8]}}""", 8, "each once")]
    [TestCase("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}""", 8, "'a' twice")]
    [TestCase("""{"__metadata__":{},"__metadata__":{}}""", 0, "twice")]
    [TestCase("""{"__metadata__":{"k":1}}""", 0, "'__metadata__.k'")]
    [TestCase("""{"__metadata__":{"k":"1","k":"2"}}""", 0, "'k' twice")]
    [TestCase("""{"__metadata__":[]}""", 0, "holds an array")]
    [TestCase("""{"a":null}""", 0, "'a' in its header holds 'null'")]
    [TestCase("""[]""", 0, "begin with '{'")]
    [TestCase(""" {}""", 0, "begin with '{'")]
    [TestCase("""{}{}""", 0, "JSON")]
    [TestCase("""{"a":""", 0, "not valid JSON")]
    [TestCase("""{"\ud800":{}}""", 0, "not valid JSON")]
    [TestCase("", 0, "begin with '{'")]
    public void Refuses_what_it_does_not_allow(string header, int dataLength, string expected)
    {
        Assert.That(() => Open(SafetensorsBytes.Make(header, dataLength)), Throws.TypeOf<BipeException>()
            .With.Message.Contains(expected).And.Message.Contains("model.safetensors"));
    }

    [Test]
    public void Refuses_a_header_that_is_not_utf8()
    {
        byte[] header = [.. "{\"a"u8, 0xFF, .. "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"u8];
        Assert.That(() => Open(SafetensorsBytes.Make(header, [])), Throws.TypeOf<BipeException>());
    }

    [TestCase(ulong.MaxValue)]
    [TestCase(1UL << 63)]
    [TestCase(100_000_001UL)]
    [TestCase(150UL)]
    public void Refuses_an_absurd_header_length_before_allocating(ulong length)
    {
        byte[] bytes = [.. BitConverter.GetBytes(length), .. new byte[100]];
        File.WriteAllBytes(_folder.At("model.safetensors"), bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => SafetensorsFile.Open(_folder.At("model.safetensors")),
            Throws.TypeOf<BipeException>().With.Message.Contains($"{length} bytes"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000_000));
    }

    [Test]
    public void Every_truncation_is_refused()
    {
        byte[] whole = SafetensorsBytes.Make(Valid, 32);
        for (int length = 0; length < whole.Length; length++)
        {
            int current = length;
            Assert.That(() => Open(whole[..current]), Throws.TypeOf<BipeException>(), $"cut to {length} bytes");
        }
    }

    [Test]
    public void Bit_flips_are_parsed_or_refused_with_one_exception()
    {
        byte[] whole = SafetensorsBytes.Make(Valid, 32);
        var random = new Random(20240117);
        int refused = 0;
        for (int trial = 0; trial < 3000; trial++)
        {
            byte[] damaged = [.. whole];
            int flips = trial < 8 * (whole.Length - 32) ? 1 : random.Next(2, 6);
            for (int flip = 0; flip < flips; flip++)
            {
                int bit = flips == 1 ? trial : random.Next(8 * damaged.Length);
                damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var file = Open(damaged);
                foreach (var entry in file.Entries.Values)
                {
                    ReadAll(file, entry);
                }
            }
            catch (BipeException e)
            {
                refused++;
                Assert.That(e.Message, Does.EndWith(".").And.Not.Contains("\n"));
            }

            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000_000));
        }

        Assert.That(refused, Is.GreaterThan(1500));
    }

    [Test]
    public void A_missing_file_and_a_folder_are_named()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => SafetensorsFile.Open(_folder.At("none")), Throws.TypeOf<BipeException>().With.Message.Contains("none"));
            Assert.That(() => SafetensorsFile.Open(_folder.Path), Throws.TypeOf<BipeException>());
        }
    }

    [Test]
    public void A_header_full_of_small_tokens_takes_little_memory()
    {
        string extents = new StringBuilder().Insert(0, "1,", 500_000).Append('1').ToString();
        string header = $$$"""{"a":{"dtype":"F32","data_offsets":[0,4],"shape":[{{{extents}}}]}}""";
        byte[] bytes = SafetensorsBytes.Make(header, 4);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using var file = Open(bytes);
        Assert.That(file.Entries["a"].Count, Is.EqualTo(1));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(32 * header.Length));
    }

    private static void ReadAll(SafetensorsFile file, SafetensorsEntry entry)
    {
        if (entry.Type is SafetensorsType.Float16 or SafetensorsType.BFloat16 or SafetensorsType.Float32 or SafetensorsType.Float64)
        {
            file.ReadFloats(entry.Name, 0, new float[entry.Count]);
        }
        else
        {
            file.ReadIntegers(entry.Name, 0, new long[entry.Count]);
        }
    }

    private SafetensorsFile Open(byte[] bytes)
    {
        string path = _folder.At("model.safetensors");
        File.WriteAllBytes(path, bytes);
        return SafetensorsFile.Open(path);
    }
}

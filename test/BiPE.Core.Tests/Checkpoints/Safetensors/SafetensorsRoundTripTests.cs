using BiPE.Core.Checkpoints.Safetensors;
using FsCheck;
using FsCheck.Fluent;
using BiPE.Testing;

namespace BiPE.Core.Tests.Checkpoints.Safetensors;

public sealed class SafetensorsRoundTripTests
{
    private TemporaryFolder _folder = null!;

    private string FilePath => _folder.At("model.safetensors");

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void What_is_written_is_read_back()
    {
        var types = Gen.Elements(Enum.GetValues<SafetensorsType>().Where(type => type >= SafetensorsType.Float16
            && type != SafetensorsType.Int32).ToArray());
        var shape = Gen.Choose(0, 7).Select(extent => (long)extent).ArrayOf().Where(extents => extents.Length < 4);
        var name = ArbMap.Default.GeneratorFor<NonEmptyString>().Select(text => text.Get)
            .Where(text => text != "__metadata__" && !text.Any(char.IsSurrogate));
        var tensors = types.SelectMany(type => shape.SelectMany(extents => name.Select(text => (Name: text, Type: type, Shape: extents))))
            .ArrayOf().Select(list => list.DistinctBy(tensor => tensor.Name).ToArray());
        Prop.ForAll(tensors.ToArbitrary(), list =>
        {
            SafetensorsWriter.Write(FilePath, list.Select(item => Numbered(item.Name, item.Type, item.Shape)));
            using var file = SafetensorsFile.Open(FilePath);
            return file.Entries.Count == list.Length && list.All(item => HoldsNumbers(file, item.Name, item.Type, item.Shape));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(20240118, 7));
    }

    [Test]
    public void A_tensor_larger_than_a_chunk_is_written_and_read_in_parts()
    {
        const int Count = (3 << 16) + 5;
        SafetensorsWriter.Write(FilePath,
        [
            SafetensorsTensor.OfFloats("f", SafetensorsType.Float32, [Count], (first, part) => Fill(first, part)),
            SafetensorsTensor.OfFloats("b", SafetensorsType.BFloat16, [Count], (first, part) => Fill(first, part)),
        ]);
        using var file = SafetensorsFile.Open(FilePath);
        var values = new float[1003];
        for (long first = 0; first + values.Length <= Count; first += values.Length)
        {
            file.ReadFloats("f", first, values);
            Assert.That(values[0], Is.EqualTo((float)first));
            Assert.That(values[^1], Is.EqualTo((float)(first + values.Length - 1)));
            file.ReadFloats("b", first, values);
            Assert.That(values[^1], Is.EqualTo((float)(first + values.Length - 1)).Within(0.5).Percent);
        }

        static void Fill(long first, Span<float> part)
        {
            for (int i = 0; i < part.Length; i++)
            {
                part[i] = first + i;
            }
        }
    }

    [Test]
    public void Half_and_brain_floats_round_to_nearest_even_and_keep_special_values()
    {
        float[] values =
        [
            0f, -0f, 1f, 1.00390625f, 1.01171875f, 65504f, 70000f, 1e-8f, 3.4e38f, float.MaxValue,
            float.NaN, float.PositiveInfinity, float.NegativeInfinity, 3.14159274f, -2.71828175f, 1e-40f,
            BitConverter.UInt32BitsToSingle(0x7F80_0001), 0.1f,
        ];
        SafetensorsWriter.Write(FilePath,
        [
            Of("half", SafetensorsType.Float16, values), Of("brain", SafetensorsType.BFloat16, values),
        ]);
        using var file = SafetensorsFile.Open(FilePath);
        var half = new float[values.Length];
        var brain = new float[values.Length];
        var wide = new double[values.Length];
        file.ReadFloats("half", 0, half);
        file.ReadFloats("brain", 0, brain);
        file.ReadDoubles("brain", 0, wide);
        Assert.That(half, Is.EqualTo(values.Select(value => (float)(Half)value)));
        Assert.That(wide, Is.EqualTo(brain.Select(value => (double)value)));
        Assert.That(brain[..5], Is.EqualTo(new[] { 0f, 0f, 1f, 1f, 1.015625f }));
        Assert.That(float.IsNegative(brain[1]), Is.True);
        Assert.That(brain[9], Is.EqualTo(float.PositiveInfinity));
        Assert.That(brain[10], Is.NaN);
        Assert.That(brain[16], Is.NaN);
        for (int i = 0; i < 8; i++)
        {
            Assert.That(Math.Abs(brain[i] - values[i]), Is.LessThanOrEqualTo(Math.Abs(values[i]) / 256));
        }
    }

    [TestCase("BOOL", 1)]
    [TestCase("U8", 1)]
    [TestCase("I8", 1)]
    [TestCase("I16", 2)]
    [TestCase("U16", 2)]
    [TestCase("I32", 4)]
    [TestCase("I64", 8)]
    public void Every_integer_type_is_widened(string type, int size)
    {
        byte[] data = new byte[3 * size];
        data[0] = 1;
        data[size] = type == "BOOL" ? (byte)0 : (byte)100;
        data.AsSpan(2 * size, size).Fill(type == "BOOL" ? (byte)1 : (byte)0xFF);
        byte[] header = System.Text.Encoding.UTF8.GetBytes(
            $$$"""{"x":{"dtype":"{{{type}}}","shape":[3],"data_offsets":[0,{{{3 * size}}}]}}""");
        File.WriteAllBytes(FilePath, SafetensorsBytes.Make(header, data));
        using var file = SafetensorsFile.Open(FilePath);
        var values = new long[3];
        file.ReadIntegers("x", 0, values);
        long last = type switch { "BOOL" => 1, "U8" => 255, "U16" => 65535, _ => -1 };
        Assert.That(values, Is.EqualTo(new[] { 1, type == "BOOL" ? 0 : 100, last }));
        Assert.That(() => file.ReadFloats("x", 0, new float[3]),
            Throws.TypeOf<BipeException>().With.Message.Contains($"the type {type}, expected floating-point"));
        Assert.That(() => file.ReadDoubles("x", 0, new double[3]), Throws.TypeOf<BipeException>());
    }

    [Test]
    public void Wrong_requests_are_refused()
    {
        SafetensorsWriter.Write(FilePath, [Of("a", SafetensorsType.Float32, [1, 2, 3])]);
        var file = SafetensorsFile.Open(FilePath);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => file.ReadFloats("b", 0, new float[1]), Throws.TypeOf<BipeException>().With.Message.Contains("no tensor 'b'"));
            Assert.That(() => file.ReadIntegers("a", 0, new long[1]), Throws.TypeOf<BipeException>().With.Message.Contains("the type F32"));
            Assert.That(() => file.ReadFloats("a", 1, new float[3]), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => file.ReadFloats("a", -1, new float[1]), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => SafetensorsWriter.Write(FilePath, [Of("a", SafetensorsType.Float32, []), Of("a", SafetensorsType.Float32, [])]),
                Throws.ArgumentException);
            Assert.That(() => SafetensorsTensor.OfFloats("a", SafetensorsType.Int8, [1], (_, _) => { }), Throws.ArgumentException);
            Assert.That(() => SafetensorsTensor.OfIntegers("a", SafetensorsType.Float32, [1], (_, _) => { }), Throws.ArgumentException);
        }

        file.Dispose();
        Assert.That(() => file.ReadFloats("a", 0, new float[1]), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void A_failing_source_leaves_the_old_file()
    {
        SafetensorsWriter.Write(FilePath, [Of("a", SafetensorsType.Float32, [1, 2, 3])]);
        byte[] before = File.ReadAllBytes(FilePath);
        Assert.That(() => SafetensorsWriter.Write(FilePath,
        [
            SafetensorsTensor.OfIntegers("a", SafetensorsType.Int32, [1], (_, part) => part[0] = long.MaxValue),
        ]), Throws.TypeOf<OverflowException>());
        Assert.That(File.ReadAllBytes(FilePath), Is.EqualTo(before));
        Assert.That(Directory.GetFiles(_folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public void The_layout_is_by_width_then_name_and_the_header_is_padded()
    {
        SafetensorsWriter.Write(FilePath,
        [
            Of("z", SafetensorsType.Float16, [1]), Of("b", SafetensorsType.Float32, [1]), Of("a", SafetensorsType.Float32, [1]),
            SafetensorsTensor.OfIntegers("i", SafetensorsType.Int32, [1], (_, part) => part[0] = 1),
            SafetensorsTensor.OfDoubles("d", [1], (_, part) => part[0] = 1),
            SafetensorsTensor.OfIntegers("l", SafetensorsType.Int64, [1], (_, part) => part[0] = 1),
        ]);
        byte[] bytes = File.ReadAllBytes(FilePath);
        int length = (int)BitConverter.ToUInt64(bytes);
        string header = System.Text.Encoding.UTF8.GetString(bytes, 8, length);
        Assert.That(length % 8, Is.Zero);
        Assert.That(header.TrimEnd(' '), Is.EqualTo(
            """{"__metadata__":{"format":"pt"},"l":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"d":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}""" +
            ""","a":{"dtype":"F32","shape":[1],"data_offsets":[16,20]},"b":{"dtype":"F32","shape":[1],"data_offsets":[20,24]}""" +
            ""","i":{"dtype":"I32","shape":[1],"data_offsets":[24,28]},"z":{"dtype":"F16","shape":[1],"data_offsets":[28,30]}}"""));
    }

    [TestCase("golden", "models", "rope")]
    [TestCase("golden", "models", "bipe_rope")]
    [TestCase("golden", "models", "alibi")]
    [TestCase("golden", "models", "bipe_alibi")]
    public void Writing_a_checkpoint_of_the_formats_own_library_again_gives_the_same_bytes(params string[] parts)
    {
        string original = Path.Combine(TestFiles.RequireShared(parts), "model.safetensors");
        using (var file = SafetensorsFile.Open(original))
        {
            SafetensorsWriter.Write(FilePath, file.Entries.Values.Reverse().Select(entry => SafetensorsTensor.OfFloats(
                entry.Name, entry.Type, entry.Shape, (first, part) => file.ReadFloats(entry.Name, first, part))));
        }

        Assert.That(File.ReadAllBytes(FilePath).AsSpan().SequenceEqual(File.ReadAllBytes(original)), Is.True);
    }

    private static SafetensorsTensor Of(string name, SafetensorsType type, float[] values) =>
        SafetensorsTensor.OfFloats(name, type, [values.Length], (first, part) => values.AsSpan((int)first, part.Length).CopyTo(part));

    private static SafetensorsTensor Numbered(string name, SafetensorsType type, long[] shape) => type switch
    {
        SafetensorsType.Int64 => SafetensorsTensor.OfIntegers(name, type, shape, (first, part) => Count(first, part)),
        SafetensorsType.Float64 => SafetensorsTensor.OfDoubles(name, shape, (first, part) => Count(first, part)),
        _ => SafetensorsTensor.OfFloats(name, type, shape, (first, part) => Count(first, part)),
    };

    private static void Count<T>(long first, Span<T> part)
        where T : System.Numerics.INumber<T>
    {
        for (int i = 0; i < part.Length; i++)
        {
            part[i] = T.CreateChecked((first + i) % 200);
        }
    }

    private static bool HoldsNumbers(SafetensorsFile file, string name, SafetensorsType type, long[] shape)
    {
        var entry = file.Entries[name];
        var expected = new long[entry.Count];
        Count(0, expected.AsSpan());
        var integers = new long[entry.Count];
        if (type == SafetensorsType.Int64)
        {
            file.ReadIntegers(name, 0, integers);
        }
        else
        {
            var doubles = new double[entry.Count];
            file.ReadDoubles(name, 0, doubles);
            integers = [.. doubles.Select(value => (long)value)];
        }

        return entry.Type == type && entry.Shape.SequenceEqual(shape) && integers.SequenceEqual(expected);
    }
}

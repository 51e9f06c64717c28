using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Testing;

namespace BiPE.Core.Tests.Checkpoints.Safetensors;

public sealed class SafetensorsSetTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TemporaryFolder();
        Write("one.safetensors", ("a", 1), ("shared", 2));
        Write("two.safetensors", ("b", 3), ("shared", 4));
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void Tensors_come_from_the_file_that_the_index_names()
    {
        Index("""{"metadata":{"total_size":16},"weight_map":{"a":"one.safetensors","b":"two.safetensors","shared":"two.safetensors"}}""");
        using var set = SafetensorsSet.Open(_folder.Path);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(set.Entries.Keys, Is.EquivalentTo(new[] { "a", "b", "shared" }));
            Assert.That(Read(set, "a"), Is.EqualTo(1));
            Assert.That(Read(set, "b"), Is.EqualTo(3));
            Assert.That(Read(set, "shared"), Is.EqualTo(4));
            Assert.That(set.FileOf("b"), Does.EndWith("two.safetensors"));
            Assert.That(() => Read(set, "c"), Throws.TypeOf<BipeException>().With.Message.Contains("no tensor 'c'"));
        }
    }

    [Test]
    public void A_single_file_is_taken_first_and_can_be_named()
    {
        Write(SafetensorsSet.FileName, ("whole", 5));
        Index("{}");
        using var folder = SafetensorsSet.Open(_folder.Path);
        using var file = SafetensorsSet.Open(_folder.At("one.safetensors"));
        Assert.That(Read(folder, "whole"), Is.EqualTo(5));
        Assert.That(Read(file, "shared"), Is.EqualTo(2));
    }

    [TestCase("{", "not valid JSON")]
    [TestCase("[]", "weight_map")]
    [TestCase("""{"weight_map":[]}""", "weight_map")]
    [TestCase("""{"weight_map":{"a":1}}""", "'a'")]
    [TestCase("""{"weight_map":{"a":"one.safetensors","a":"one.safetensors"}}""", "not valid JSON")]
    [TestCase("""{"weight_map":{"a":"three.safetensors"}}""", "three.safetensors")]
    [TestCase("""{"weight_map":{"c":"one.safetensors"}}""", "'c' is in 'one.safetensors'")]
    [TestCase("""{"weight_map":{"a":"../one.safetensors"}}""", "same folder")]
    [TestCase("""{"weight_map":{"a":""}}""", "same folder")]
    public void An_index_that_does_not_fit_is_refused(string index, string expected)
    {
        Index(index);
        Assert.That(() => SafetensorsSet.Open(_folder.Path), Throws.TypeOf<BipeException>().With.Message.Contains(expected));
    }

    [Test]
    public void A_folder_without_a_checkpoint_says_what_is_missing() =>
        Assert.That(() => SafetensorsSet.Open(_folder.Path), Throws.TypeOf<BipeException>().With.Message.Contains(SafetensorsSet.FileName));

    private static float Read(SafetensorsSet set, string name)
    {
        var value = new float[1];
        set.ReadFloats(name, 0, value);
        return value[0];
    }

    private void Index(string text) => File.WriteAllText(_folder.At(SafetensorsSet.IndexName), text);

    private void Write(string file, params (string Name, float Value)[] tensors) =>
        SafetensorsWriter.Write(_folder.At(file), tensors.Select(tensor =>
            SafetensorsTensor.OfFloats(tensor.Name, SafetensorsType.Float32, [1], (_, part) => part[0] = tensor.Value)));
}

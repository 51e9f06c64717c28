using BiPE.Cli.Benchmark;
using BiPE.Core.Model;
using BiPE.Testing;

namespace BiPE.Cli.Tests.Benchmark;

internal sealed class BenchModelsTests
{
    [TestCase("base", "bipe_rope.json")]
    [TestCase("tiny", "tiny_bipe_rope.json")]
    public void NamedModelsAreThoseOfTheConfigurations(string name, string file)
    {
        ModelConfig config = ModelConfigReader.Read(Path.Combine(TestFiles.RepositoryRoot, "config", file));

        Assert.That(BenchModels.Named(name), Is.EqualTo(config));
    }

    [Test]
    public void AnEncodingReplacesThatOfTheConfiguration() =>
        Assert.That(BenchModels.Read("bytes", "bipe_alibi"), Is.EqualTo(BenchModels.Read("bytes", null) with { PositionEncoding = "bipe_alibi" })
            .Using<ModelConfig>((a, b) => a.PositionEncoding == b.PositionEncoding && a.HiddenSize == b.HiddenSize));
}

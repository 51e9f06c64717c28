using BiPE.Core.Model;
using BiPE.Cpu;
using BiPE.Testing;

namespace BiPE.Core.Tests.Model;

public sealed class ParameterLayoutTests
{
    [Test]
    public void TheLayoutIsThatOfTheModel(
        [ValueSource(typeof(TinyModels), nameof(TinyModels.Encodings))] string encoding, [Values] bool tied, [Values] bool biased)
    {
        ModelConfig config = TinyModels.Config(encoding, tied) with { AttentionBias = biased, MlpBias = biased };
        using var backend = new CpuBackend();
        using var model = new LanguageModel(backend, config);
        IReadOnlyList<ParameterLayout> layout = ParameterLayout.Of(config with { Segmenter = new SegmenterConfig { Set = "sentence" } });
        Assert.That(layout.Select(parameter => parameter.Name), Is.EqualTo(model.Parameters.SelectMany(parameter => parameter.Parts).Select(part => part.Name)));
        Assert.That(layout.Sum(parameter => parameter.Count), Is.EqualTo(model.ParameterCount));
        ParameterCounts counts = ParameterCounts.Of(config);
        Assert.That(counts.Total, Is.EqualTo(model.ParameterCount));
        Assert.That(counts.Groups.ContainsKey(ParameterGroup.Head), Is.EqualTo(!tied));
        Assert.That(counts.Groups.ContainsKey(ParameterGroup.PositionEncoding), Is.False);
        Assert.That(
            MemoryPlan.ForTraining(config, 1, Recompute.None).Parameters, Is.EqualTo(4 * model.ParameterCount), "the memory plan counts the same");
    }

    [TestCase("rope", 162_417_408, 0.1513)]
    [TestCase("bipe_rope", 163_203_840, 0.1520)]
    [TestCase("alibi", 162_417_408, 0.1513)]
    [TestCase("bipe_alibi", 163_203_840, 0.1520)]
    public void TheReferences151MIsInUnitsOf2To30(string encoding, long total, double binary)
    {
        const long Hidden = 768;
        ParameterCounts counts = ParameterCounts.Of(ModelConfigReader.Read(Path.Combine(TestFiles.RepositoryRoot, "config", $"{encoding}.json")));
        var expected = new Dictionary<ParameterGroup, long>
        {
            [ParameterGroup.Embedding] = 32000 * Hidden,
            [ParameterGroup.Head] = 32000 * Hidden,
            [ParameterGroup.Attention] = 12 * 4 * Hidden * Hidden,
            [ParameterGroup.Mlp] = 12 * 3 * Hidden * 3072,
            [ParameterGroup.Norms] = (12 * 2 * Hidden) + Hidden,
        };
        if (encoding.StartsWith("bipe_", StringComparison.Ordinal))
        {
            expected[ParameterGroup.IntraSegmentEmbedding] = 1024 * Hidden;
        }

        Assert.That(counts.Groups, Is.EquivalentTo(expected));
        Assert.That(counts.Total, Is.EqualTo(total));
        Assert.That(counts.WithoutEmbeddingAndHead, Is.EqualTo(total - (2 * 32000 * Hidden)));
        Assert.That(counts.TotalInBinaryUnits, Is.EqualTo(binary).Within(5e-5));
        Assert.That(Math.Floor(1000 * counts.TotalInBinaryUnits), Is.EqualTo(151));

        // In units of 10^6 no choice of groups makes 151: neither tying, nor leaving out embedding, head, norms or table.
        long[] groups = [.. counts.Groups.Values];
        for (int choice = 0; choice < 1 << groups.Length; choice++)
        {
            double sum = groups.Where((_, index) => (choice & (1 << index)) != 0).Sum() / 1e6;
            Assert.That(sum, Is.Not.InRange(150.0, 152.0));
        }
    }

    [Test]
    public void ALargeModelTakesNoMemoryToDescribe()
    {
        var config = new ModelConfig
        {
            VocabularySize = 128256, HiddenSize = 16384, IntermediateSize = 53248, LayerCount = 126, HeadCount = 128, KeyValueHeadCount = 8,
        };
        Assert.That(ParameterCounts.Of(config).Total, Is.EqualTo(405_853_388_800));
    }
}

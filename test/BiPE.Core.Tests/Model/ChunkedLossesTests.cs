using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Core.Tests.Model;

public sealed class ChunkedLossesTests
{
    private const int Time = 61;

    [Test]
    public void CachedKeysGiveTheLossesOfOnePassInFloat64(
        [ValueSource(typeof(TinyModels), nameof(TinyModels.Encodings))] string encoding, [Values] bool logScale, [Values(1, 7, 61)] int chunkTokens) =>
        CachedKeysGiveTheLossesOfOnePass("reference", encoding, logScale, chunkTokens, 1e-12);

    [Test]
    public void CachedKeysGiveTheLossesOfOnePassButForRounding(
        [ValueSource(typeof(TinyModels), nameof(TinyModels.Encodings))] string encoding, [Values] bool logScale, [Values(1, 7, 32, 100)] int chunkTokens) =>
        CachedKeysGiveTheLossesOfOnePass("cpu", encoding, logScale, chunkTokens, 2e-5);

    [Test]
    public void FrozenModelsHaveTheSameLossesButForRounding(
        [ValueSource(typeof(TinyModels), nameof(TinyModels.Encodings))] string encoding, [Values] bool isTied)
    {
        using ITensorBackend backend = TestBackends.Create("cpu");
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config(encoding) with { TieWordEmbeddings = isTied });
        using var tape = new Tape(backend, isRecording: false);
        double[] before = backend.ReadDoubles(model.Losses(tape, Row(Time)));
        double[] weights = Weights();
        model.Freeze();
        Assert.That(backend.ReadDoubles(model.Losses(tape, Row(Time))), Is.EqualTo(before).Within(2e-5));
        Assert.That(model.LossesInChunks(Row(Time), 7), Is.EqualTo(before).Within(2e-5));
        Assert.That(Weights(), Is.EqualTo(weights), "weights can still be read, to be saved or looked at");

        double[] Weights() => [.. model.Parameters.SelectMany(parameter => backend.ReadDoubles(parameter.Value))];
    }

    [Test]
    public void BiasesOfProjectionsAreInTheCacheToo([ValueSource(typeof(TinyModels), nameof(TinyModels.Encodings))] string encoding)
    {
        using ITensorBackend backend = TestBackends.Create("reference");
        using LanguageModel model = TinyModels.Create(backend, TinyModels.WithBiases(encoding));
        CachedKeysGiveTheLossesOfOnePass(model, 7, 1e-12);
    }

    [Test]
    public void ScalingsThatDependOnTheLengthSeeTheWholeRow()
    {
        using ITensorBackend backend = TestBackends.Create("reference");
        ModelConfig config = TinyModels.Config("rope") with { RotaryScaling = new RotaryScalingConfig("dynamic", 2) };
        using LanguageModel model = TinyModels.Create(backend, config);
        CachedKeysGiveTheLossesOfOnePass(model, 10, 1e-12);
    }

    [Test]
    public void LossesBeforeTheFirstScoredAreLeftOut()
    {
        using ITensorBackend backend = TestBackends.Create("cpu");
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("bipe_rope"));
        double[] all = model.LossesInChunks(Row(Time), 16);
        double[] last = model.LossesInChunks(Row(Time), 16, firstScored: 50);
        Assert.That(last[..49], Is.All.Zero);
        Assert.That(last[49..], Is.EqualTo(all[49..]).Within(1e-6));
    }

    [Test]
    public void NothingStaysAllocatedAndCancellingStops()
    {
        using ITensorBackend backend = TestBackends.Create("cpu");
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("bipe_alibi"));
        model.LossesInChunks(Row(Time), 16);
        int live = backend.Memory.LiveBuffers;
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.That(() => model.LossesInChunks(Row(Time), 16, cancellation: source.Token), Throws.InstanceOf<OperationCanceledException>());
        using (var tape = new Tape(backend, isRecording: false) { Cancellation = source.Token })
        {
            Assert.That(() => model.Losses(tape, Row(Time)), Throws.InstanceOf<OperationCanceledException>());
        }

        Assert.That(() => model.LossesInChunks(TinyModels.Batch(), 16), Throws.ArgumentException);
        Assert.That(model.FindNonFinite(Row(Time), 16), Is.Null);
        Assert.That(backend.Memory.LiveBuffers, Is.EqualTo(live));
    }

    [TestCase("model.embed_tokens.weight", "the embedding, whose weights model.embed_tokens.weight are not finite")]
    [TestCase("model.layers.0.self_attn.qkv_proj.weight", "layer 0 attention output, whose weights model.layers.0.self_attn.q_proj.weight")]
    [TestCase("model.layers.1.mlp.down_proj.weight", "layer 1 MLP output, whose weights model.layers.1.mlp.down_proj.weight are not finite")]
    [TestCase("model.layers.1.post_attention_layernorm.weight", "layer 1 MLP output")]
    [TestCase("model.norm.weight", "the final norm, whose weights model.norm.weight are not finite")]
    [TestCase("lm_head.weight", "the logits, whose weights lm_head.weight are not finite")]
    public void TheFirstLayerThatIsNotFiniteIsNamed(string name, string words)
    {
        using ITensorBackend backend = TestBackends.Create("cpu");
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("bipe_rope"));
        backend.Fill(model.Parameters.Single(parameter => parameter.Name == name).Value, double.NaN);
        Assert.That(model.FindNonFinite(Row(Time), 16), Does.StartWith(words));
    }

    [Test]
    public void OverflowOfFiniteWeightsIsToldApart()
    {
        using ITensorBackend backend = TestBackends.Create("cpu");
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("bipe_rope"));
        backend.Fill(model.Parameters.Single(parameter => parameter.Name == "model.layers.1.mlp.down_proj.weight").Value, 3e38);
        Assert.That(model.FindNonFinite(Row(Time), 16), Is.EqualTo("layer 1 MLP output, though its weights are finite"));
    }

    private static void CachedKeysGiveTheLossesOfOnePass(string backendName, string encoding, bool logScale, int chunkTokens, double tolerance)
    {
        using ITensorBackend backend = TestBackends.Create(backendName);
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config(encoding) with { LogScale = logScale });
        CachedKeysGiveTheLossesOfOnePass(model, chunkTokens, tolerance);
    }

    private static void CachedKeysGiveTheLossesOfOnePass(LanguageModel model, int chunkTokens, double tolerance)
    {
        TokenBatch row = Row(Time);
        using var tape = new Tape(model.Backend, isRecording: false);
        double[] whole = model.Backend.ReadDoubles(model.Losses(tape, row));
        Assert.That(model.LossesInChunks(row, chunkTokens), Is.EqualTo(whole).Within(tolerance));
    }

    private static TokenBatch Row(int time)
    {
        var random = new Random(5);
        return new TokenBatch([.. Enumerable.Range(0, time).Select(_ => random.Next(22))], 1);
    }
}

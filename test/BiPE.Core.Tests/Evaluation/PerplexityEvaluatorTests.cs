using BiPE.Core.Autograd;
using BiPE.Core.Data;
using BiPE.Core.Evaluation;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tests.Model;
using BiPE.Cpu;

namespace BiPE.Core.Tests.Evaluation;

public sealed class PerplexityEvaluatorTests
{
    private static readonly DocumentArray Documents = Random(500, 3);

    [Test]
    public void ExactScoresEveryTokenOnceButTheFirstOfEachBlock([Values(2, 3, 16, 499, 500, 501)] int blockSize)
    {
        TextBlock[] blocks = [.. new ExactProtocol().Blocks(Documents, blockSize)];
        var times = new int[Documents.TokenCount];
        foreach (TextBlock block in blocks)
        {
            for (long i = block.Start + 1; i < block.Start + block.Length; i++)
            {
                times[i]++;
            }
        }

        Assert.That(times.Select((count, index) => count == (index % blockSize == 0 ? 0 : 1)), Is.All.True);
    }

    [Test]
    public void NeitherBatchNorThreadsMatter()
    {
        using var one = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using var two = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        using LanguageModel model = TinyModels.Create(one, TinyModels.Config("bipe_alibi"));
        using LanguageModel same = TinyModels.Create(two, TinyModels.Config("bipe_alibi"));
        double single = new PerplexityEvaluator(model) { BatchTokens = 1 }.Evaluate(Documents, 16, new ExactProtocol()).MeanLoss;
        double batched = new PerplexityEvaluator(model) { BatchTokens = 200 }.Evaluate(Documents, 16, new ExactProtocol()).MeanLoss;
        double threaded = new PerplexityEvaluator(same) { BatchTokens = 200 }.Evaluate(Documents, 16, new ExactProtocol()).MeanLoss;
        Assert.That(batched, Is.EqualTo(single).Within(1e-6));
        Assert.That(threaded, Is.EqualTo(batched), "threads change no bit");
    }

    [Test]
    public void BlocksBeyondTheLimitAreLeftOut()
    {
        using var backend = new CpuBackend();
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("rope"));
        PerplexityResult result = new PerplexityEvaluator(model).Evaluate(Documents, 16, new ExactProtocol(), maximumTokens: 40);
        Assert.That(result.Blocks, Is.EqualTo(3));
        Assert.That(result.ScoredTokens, Is.EqualTo(45));
    }

    [Test]
    public void WhatCannotBeScoredIsOneClearError()
    {
        using var backend = new CpuBackend();
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("rope"));
        var evaluator = new PerplexityEvaluator(model);
        Refuses("at least 2", () => evaluator.Evaluate(Documents, 1, new ExactProtocol()));
        Refuses("too few for one block of 400", () => evaluator.Evaluate(Documents, 400, new ReferenceProtocol()));
        Refuses("too few", () => evaluator.Evaluate(new DocumentArray([1], [0]), 16, new ExactProtocol()));
        Parameter norm = model.Parameters.First(parameter => parameter.Role == ParameterRole.Norm);
        backend.Fill(norm.Value, double.NaN);
        Refuses("those of layer 0 attention output, whose weights model.layers.0.input_layernorm.weight are not finite", () => evaluator.Evaluate(Documents, 16, new ExactProtocol()));
        Refuses("not finite", () => evaluator.TokenLosses([1, 2, 3]));

        static void Refuses(string sentence, Action call) =>
            Assert.That(call, Throws.TypeOf<BipeException>().With.Message.Contains(sentence));
    }

    [Test]
    public void OneLogitThatIsNotFiniteIsAnErrorThatNamesTheHead(
        [Values("cpu", "reference")] string backendName, [Values(double.NaN, double.PositiveInfinity)] double value, [Values(4, 4096)] int chunkTokens)
    {
        using ITensorBackend backend = TestBackends.Create(backendName);
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("bipe_rope"));
        Parameter head = model.Parameters.Single(parameter => parameter.Name == "lm_head.weight");

        // Of a token that the text does not have.
        backend.Fill(head.Value.Slice(22, 1), value);
        Assert.That(
            () => new PerplexityEvaluator(model) { ChunkTokens = chunkTokens }.Evaluate(Documents, 16, new ExactProtocol()),
            Throws.TypeOf<BipeException>().With.Message.Contains("those of the logits, whose weights lm_head.weight are not finite"));
    }

    private static DocumentArray Random(int count, int documents)
    {
        var random = new Random(1);
        return new DocumentArray(
            [.. Enumerable.Range(0, count).Select(_ => random.Next(22))], [.. Enumerable.Range(0, documents).Select(i => i * count / documents)]);
    }
}

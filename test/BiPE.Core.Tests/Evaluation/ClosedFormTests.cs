using BiPE.Core.Data;
using BiPE.Core.Evaluation;
using BiPE.Core.Evaluation.Results;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tests.Model;
using BiPE.Core.Tokenization;

namespace BiPE.Core.Tests.Evaluation;

/// <summary>Perplexities that can be computed by hand.</summary>
public sealed class ClosedFormTests
{
    [TestCase("cpu", 1e-6)]
    [TestCase("reference", 1e-14)]
    public void AModelThatKnowsNothingHasThePerplexityOfItsVocabulary(string backendName, double tolerance)
    {
        using ITensorBackend backend = TestBackends.Create(backendName);
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("bipe_rope"));
        backend.Fill(model.Parameters[^1].Value, 0);
        var documents = new DocumentArray([.. Enumerable.Range(0, 300).Select(i => i * i % 22)], [0, 100]);
        foreach (IBlockProtocol protocol in new IBlockProtocol[] { new ExactProtocol(), new ReferenceProtocol(), new SlidingProtocol(5), new LastProtocol(3, 64) })
        {
            PerplexityResult result = new PerplexityEvaluator(model).Evaluate(documents, 32, protocol);
            Assert.That(result.Perplexity, Is.EqualTo(23).Within(23 * tolerance), protocol.Name);
        }
    }

    [TestCase("cpu", 2e-6)]
    [TestCase("reference", 1e-12)]
    public void ABigramModelHasThePerplexityOfItsEntropyOnMatchingText(string backendName, double tolerance)
    {
        using ITensorBackend backend = TestBackends.Create(backendName);
        using LanguageModel model = BigramModel.Create(backend);
        int[] text = BigramModel.Text();
        Assert.That(text, Has.Length.EqualTo(1 + BigramModel.Counts.Sum(row => row.Sum())), "every bigram is there");
        PerplexityResult result = new PerplexityEvaluator(model).Evaluate(new DocumentArray(text, [0]), text.Length, new ExactProtocol());
        Assert.That(result.Perplexity, Is.EqualTo(Math.Exp(BigramModel.Entropy)).Within(tolerance));

        // A bigram needs one token of context, so a sliding window of any size gives the same.
        PerplexityResult sliding = new PerplexityEvaluator(model).Evaluate(new DocumentArray(text, [0]), 8, new SlidingProtocol(3));
        Assert.That(sliding.ScoredTokens, Is.EqualTo(text.Length - 1));
        Assert.That(sliding.Perplexity, Is.EqualTo(Math.Exp(BigramModel.Entropy)).Within(tolerance));
    }

    [Test]
    public void BitsPerByteAreTheEntropyInBitsWhereTokensAreBytes()
    {
        using ITensorBackend backend = TestBackends.Create("reference");
        using LanguageModel model = BigramModel.Create(backend);
        int[] text = BigramModel.Text();
        var tally = new EvaluationTally(
            EvaluationPlan.Create(new DocumentArray(text, [0]), new ExactProtocol(), text.Length), new TokenByteCounts(new ByteTokenizer()));
        new PerplexityEvaluator(model).ScoreBatch(tally);
        EvaluationNumbers numbers = tally.ToNumbers();
        Assert.That(numbers.ScoredBytes, Is.EqualTo(text.Length - 1));
        Assert.That(numbers.BitsPerByte, Is.EqualTo(BigramModel.Entropy / Math.Log(2)).Within(1e-12));
        Assert.That(numbers.Interval, Is.Null, "a single document");
    }
}

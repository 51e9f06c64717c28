using System.Text.Json;
using BiPE.Core.Checkpoints;
using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Core.Data;
using BiPE.Core.Evaluation;
using BiPE.Core.Evaluation.Results;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Core.Tests.Golden;

/// <summary>Perplexities of the reference's eval.py, and token-weighted ones over the whole stream.</summary>
public sealed class GoldenPerplexityTests
{
    public static IEnumerable<TestCaseData> Sets()
    {
        yield return new TestCaseData(false, "bipe_rope");
        yield return new TestCaseData(true, "bipe_rope");
        yield return new TestCaseData(true, "alibi");
    }

    [TestCaseSource(nameof(Sets))]
    public void BothProtocols(bool whole, string encoding)
    {
        GoldenSet golden = GoldenSet.Open(whole);
        JsonElement description = golden.Json("perplexity", $"{encoding}.json");
        using SafetensorsFile arrays = golden.Arrays("perplexity", $"{encoding}.safetensors");
        using ITensorBackend backend = TestBackends.Create("cpu");
        using LanguageModel model = HuggingFaceFolder.Load(backend, golden.PathOf("models", encoding));
        var evaluator = new PerplexityEvaluator(model);
        DocumentArray documents = Documents(arrays);
        foreach (JsonProperty item in description.GetProperty("blocks").EnumerateObject())
        {
            int blockSize = int.Parse(item.Name);
            JsonElement reference = item.Value.GetProperty("eval_py");
            PerplexityResult found = evaluator.Evaluate(documents, blockSize, new ReferenceProtocol());
            Assert.That(found.Blocks, Is.EqualTo(reference.GetProperty("blocks").GetInt32()));
            RelativelyEqual(found.Perplexity, reference.GetProperty("perplexity").GetDouble());

            JsonElement exact = item.Value.GetProperty("token_weighted").GetProperty("whole_stream_with_shorter_last_block");
            found = evaluator.Evaluate(documents, blockSize, new ExactProtocol());
            Assert.That(found.Blocks, Is.EqualTo(exact.GetProperty("blocks").GetInt32()));
            Assert.That(found.ScoredTokens, Is.EqualTo(exact.GetProperty("predicted_tokens").GetInt64()));
            RelativelyEqual(found.Perplexity, exact.GetProperty("perplexity").GetDouble());
        }
    }

    [Test]
    public void InFloat64ThePerplexityHasTheDigitsRecorded([Values] bool whole)
    {
        GoldenSet golden = GoldenSet.Open(whole);
        JsonElement recorded = golden.Json("perplexity", "bipe_rope.json").GetProperty("blocks").GetProperty("64");
        using SafetensorsFile arrays = golden.Arrays("perplexity", "bipe_rope.safetensors");
        using ITensorBackend backend = TestBackends.Create("reference");
        using LanguageModel model = HuggingFaceFolder.Load(backend, golden.PathOf("models", "bipe_rope"));
        var tally = new EvaluationTally(EvaluationPlan.Create(Documents(arrays), new ReferenceProtocol(), 64));
        var evaluator = new PerplexityEvaluator(model);
        while (tally.BlocksDone < tally.Plan.Blocks.Count)
        {
            evaluator.ScoreBatch(tally);
        }

        double perplexity = recorded.GetProperty("eval_py").GetProperty("perplexity").GetDouble();
        Assert.That(tally.ToNumbers().Perplexity, Is.EqualTo(perplexity).Within(1e-12 * perplexity));
        if (whole)
        {
            var expected = new double[tally.Plan.Blocks.Count];
            arrays.ReadDoubles("block_64.block_losses", 0, expected);
            Assert.That(BlockLosses(tally.Shares), Is.EqualTo(expected).Within(1e-12));
        }
    }

    private static IEnumerable<double> BlockLosses(LossShares shares) => Enumerable.Range(0, shares.Block.Count)
        .GroupBy(row => shares.Block[row])
        .OrderBy(block => block.Key)
        .Select(block => block.Sum(row => shares.Loss[row]) / block.Sum(row => shares.Tokens[row]));

    private static void RelativelyEqual(double found, double expected) =>
        Assert.That(found, Is.EqualTo(expected).Within(1e-5 * expected));

    private static DocumentArray Documents(SafetensorsFile arrays)
    {
        var tokens = new long[arrays.Entries["documents.tokens"].Count];
        var lengths = new long[arrays.Entries["documents.lengths"].Count];
        arrays.ReadIntegers("documents.tokens", 0, tokens);
        arrays.ReadIntegers("documents.lengths", 0, lengths);
        var starts = new int[lengths.Length];
        for (int i = 1; i < starts.Length; i++)
        {
            starts[i] = starts[i - 1] + (int)lengths[i - 1];
        }

        return new DocumentArray([.. tokens.Select(token => (int)token)], starts);
    }
}

using BiPE.Core.Data;
using BiPE.Core.Evaluation;
using BiPE.Core.Evaluation.Results;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tests.Model;

namespace BiPE.Core.Tests.Evaluation;

public sealed class EvaluationTallyTests
{
    /// <summary>The second document is empty, the third has one token.</summary>
    private static readonly int[] Starts = [0, 37, 37, 38, 90, 153, 260];
    private static readonly DocumentArray Documents = new([.. Enumerable.Range(0, 300).Select(i => (i * i * 7) % 22)], Starts);

    [Test]
    public void PartsPutTogetherHaveTheBitsOfOnePass([Values("exact", "reference", "sliding", "last")] string protocol)
    {
        EvaluationPlan plan = Plan(protocol);
        EvaluationTally whole = Score(plan, new EvaluationTally(plan));
        var parts = new List<EvaluationPart>();
        while (parts.Sum(part => part.BlockCount) < plan.Blocks.Count)
        {
            // Each run goes on from the parts of those before it, scores two batches and is stopped.
            EvaluationTally tally = Restored(plan, parts);
            Score(plan, tally, batches: 2);
            parts.Add(tally.TakePart("key")!);
            Assert.That(tally.TakePart("key"), Is.Null);
        }

        EvaluationTally resumed = Restored(plan, parts);
        Assert.That(parts, Has.Count.GreaterThan(2));
        Assert.That(resumed.BlocksDone, Is.EqualTo(plan.Blocks.Count));
        Assert.That(resumed.Shares.Loss, Is.EqualTo(whole.Shares.Loss));
        Assert.That(resumed.ToNumbers() with { Seconds = 0, TokensPerSecond = 0 }, Is.EqualTo(whole.ToNumbers() with { Seconds = 0, TokensPerSecond = 0 }));
        Assert.That(resumed.ToPositions().Select(bin => bin.MeanLoss), Is.EqualTo(whole.ToPositions().Select(bin => bin.MeanLoss)).Within(1e-12));
    }

    [Test]
    public void SharesBelongToTheDocumentsOfTheirTokens()
    {
        EvaluationPlan plan = Plan("exact");
        EvaluationTally tally = Score(plan, new EvaluationTally(plan));
        double[] losses = TokenLosses(plan);
        DocumentLosses documents = DocumentLosses.Of(tally.Shares, plan.Protocol.Weight);
        foreach ((int index, long document) in documents.Documents.Index())
        {
            int end = document + 1 < Starts.Length ? Starts[document + 1] : 300;
            double[] own = [.. losses[Starts[document]..end].Where(loss => loss > 0)];
            Assert.That(documents.Weights[index], Is.EqualTo(own.Length));
            Assert.That(documents.Losses[index], Is.EqualTo(own.Sum()).Within(1e-9));
        }

        Assert.That(documents.Mean, Is.EqualTo(tally.ToNumbers().MeanLoss).Within(1e-12));
        Assert.That(DocumentLosses.Of(Score(Plan("reference"), new EvaluationTally(Plan("reference"))).Shares, _ => 1).Weights.Sum(), Is.EqualTo(Plan("reference").Blocks.Count).Within(1e-12));
    }

    [Test]
    public void PositionsHaveMeanAndErrorOfTheirLosses()
    {
        EvaluationPlan plan = EvaluationPlan.Create(Documents, new ExactProtocol(), 60);
        IReadOnlyList<PositionLoss> positions = Score(plan, new EvaluationTally(plan)).ToPositions();
        double[] losses = TokenLosses(plan);
        Assert.That(positions.Select(bin => (bin.First, bin.Last)).Take(3), Is.EqualTo(new[] { (1, 1), (2, 2), (3, 3) }));
        Assert.That(positions.Zip(positions.Skip(1)).All(pair => pair.Second.First == pair.First.Last + 1), "no gaps");
        Assert.That(positions[^1].Last, Is.EqualTo(59));
        foreach (PositionLoss bin in positions)
        {
            double[] blockMeans = [.. Enumerable.Range(0, 5).Select(block => losses[((60 * block) + bin.First)..((60 * block) + bin.Last + 1)].Average())];
            double mean = blockMeans.Average();
            double error = Math.Sqrt(blockMeans.Sum(value => (value - mean) * (value - mean)) / 4 / 5);
            Assert.That(bin.MeanLoss, Is.EqualTo(mean).Within(1e-9));
            Assert.That(bin.StandardError, Is.EqualTo(error).Within(1e-6));
        }
    }

    [Test]
    public void BatchChunkAndOrderOfBlocksDoNotMatter()
    {
        using ITensorBackend backend = TestBackends.Create("reference");
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("bipe_alibi"));
        double expected = Mean(new PerplexityEvaluator(model), new ExactProtocol());
        Assert.That(Mean(new PerplexityEvaluator(model) { BatchTokens = 1 }, new ExactProtocol()), Is.EqualTo(expected).Within(1e-12));
        Assert.That(Mean(new PerplexityEvaluator(model) { BatchTokens = 100 }, new ExactProtocol()), Is.EqualTo(expected).Within(1e-12));
        Assert.That(Mean(new PerplexityEvaluator(model) { ChunkTokens = 7 }, new ExactProtocol()), Is.EqualTo(expected).Within(1e-12));
        Assert.That(Mean(new PerplexityEvaluator(model), new Backwards()), Is.EqualTo(expected).Within(1e-12));

        static double Mean(PerplexityEvaluator evaluator, IBlockProtocol protocol) => evaluator.Evaluate(Documents, 32, protocol).MeanLoss;
    }

    [Test]
    public void OrderOfDocumentsDoesNotMatterWithinDocuments()
    {
        using ITensorBackend backend = TestBackends.Create("reference");
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("bipe_rope"));
        int[][] texts = [.. Starts.Select((start, i) => Read(Documents, start, i + 1 < Starts.Length ? Starts[i + 1] : 300))];
        int[] order = [3, 0, 5, 1, 4, 2, 6];
        DocumentArray shuffled = Join([.. order.Select(i => texts[i])]);
        DocumentLosses first = Losses(Documents);
        DocumentLosses second = Losses(shuffled);
        Dictionary<long, double> byText = first.Documents.Zip(first.Losses).ToDictionary();
        Assert.That(second.Documents.Zip(second.Losses).All(pair => Math.Abs(byText[order[pair.First]] - pair.Second) < 1e-9));
        Assert.That(second.Mean, Is.EqualTo(first.Mean).Within(1e-12));

        DocumentLosses Losses(DocumentArray documents)
        {
            var tally = new EvaluationTally(EvaluationPlan.Create(documents, new ExactProtocol(withinDocuments: true), 24));
            var evaluator = new PerplexityEvaluator(model);
            while (tally.BlocksDone < tally.Plan.Blocks.Count)
            {
                evaluator.ScoreBatch(tally);
            }

            return DocumentLosses.Of(tally.Shares, tally.Plan.Protocol.Weight);
        }
    }

    [Test]
    public void PartsOfAnotherPlanAreRefused()
    {
        EvaluationPlan plan = Plan("exact");
        var part = Score(plan, new EvaluationTally(plan)).TakePart("key")!;
        EvaluationPlan shorter = EvaluationPlan.Create(Documents, new ExactProtocol(), 16, 100);
        Assert.That(() => new EvaluationTally(shorter).Restore(part), Throws.TypeOf<BipeException>().With.Message.Contains("does not fit"));
        Assert.That(() => new EvaluationTally(plan).Restore(part with { FirstBlock = 1 }), Throws.TypeOf<BipeException>());
    }

    private static EvaluationPlan Plan(string protocol) => EvaluationPlan.Create(Documents, protocol switch
    {
        "exact" => new ExactProtocol(),
        "reference" => new ReferenceProtocol(),
        "sliding" => new SlidingProtocol(6),
        _ => new LastProtocol(4, 32),
    }, 16);

    private static EvaluationTally Restored(EvaluationPlan plan, List<EvaluationPart> parts)
    {
        var tally = new EvaluationTally(plan);
        parts.ForEach(tally.Restore);
        return tally;
    }

    private static EvaluationTally Score(EvaluationPlan plan, EvaluationTally tally, int batches = int.MaxValue)
    {
        using ITensorBackend backend = TestBackends.Create("reference");
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("bipe_rope"));
        var evaluator = new PerplexityEvaluator(model) { BatchTokens = 32 };
        for (int i = 0; i < batches && tally.BlocksDone < plan.Blocks.Count; i++)
        {
            evaluator.ScoreBatch(tally);
        }

        return tally;
    }

    /// <summary>Loss of every token in its block, 0 of first ones.</summary>
    private static double[] TokenLosses(EvaluationPlan plan)
    {
        using ITensorBackend backend = TestBackends.Create("reference");
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("bipe_rope"));
        var evaluator = new PerplexityEvaluator(model);
        return [.. plan.Blocks.SelectMany(block => evaluator.TokenLosses(Read(Documents, block.Start, block.End)).Prepend(0))];
    }

    private static int[] Read(DocumentArray documents, long start, long end)
    {
        var tokens = new int[end - start];
        documents.Read(start, tokens);
        return tokens;
    }

    private static DocumentArray Join(int[][] texts)
    {
        var starts = new List<int>();
        int at = 0;
        foreach (int[] text in texts)
        {
            starts.Add(at);
            at += text.Length;
        }

        return new DocumentArray([.. texts.SelectMany(text => text)], [.. starts]);
    }

    private sealed class Backwards : IBlockProtocol
    {
        public string Name => "backwards";

        public IEnumerable<TextBlock> Blocks(IDocumentSource documents, int blockSize, long maximumTokens) =>
            new ExactProtocol().Blocks(documents, blockSize, maximumTokens).Reverse();

        public double Weight(int scoredTokens) => scoredTokens;
    }
}

using BiPE.Core.Model;
using BiPE.Core.Positions.Scores;
using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Core.Tests.Model;

public sealed class MemoryPlanTests
{
    /// <summary>What a card of 80 GB leaves to a program, in bytes; the driver and cuBLAS take some of it.</summary>
    private const long Card = 78L << 30;

    private static readonly ModelConfig Large = ModelConfigReader.Read(Path.Combine(TestFiles.RepositoryRoot, "config", "bipe_rope_1.6b.json"));

    [Test]
    public void TheModelOf16BillionParametersFitsACardOf80GigabytesIfItsLayersAreComputedAgain()
    {
        long parameters = ParameterCounts.Of(Large).Total;
        MemoryPlan plan = MemoryPlan.ForTraining(Large, 48, Recompute.Layers, ElementType.BFloat16);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ParameterCounts.Of(Large).WithoutEmbeddingAndHead, Is.EqualTo(1.61e9).Within(0.01e9));
            Assert.That(plan.Parameters, Is.EqualTo(6 * parameters), "float32 and a copy in bfloat16");
            Assert.That(plan.Gradients, Is.EqualTo(4 * parameters));
            Assert.That(plan.Moments, Is.EqualTo(8 * parameters));
            Assert.That(plan.Total, Is.LessThan(Card / 2));
            Assert.That(plan.EarlyGradients, Is.EqualTo(4L * Large.VocabularySize * Large.HiddenSize), "the head's");
            Assert.That(MemoryPlan.ForTraining(Large, 48, Recompute.None, ElementType.BFloat16).Total, Is.GreaterThan(Card));
        }
    }

    [Test]
    public void RowsOfCopesTableAreCounted()
    {
        ModelConfig plain = TinyModels.Config("cope");
        ModelConfig many = plain with { AttentionOptions = new Dictionary<string, double> { ["rows"] = 1000 } };
        long more = plain.HeadCount * (1000 - Cope.DefaultRows);
        Assert.That(ComposedAttention.KeptPerToken(many, 32) - ComposedAttention.KeptPerToken(plain, 32), Is.EqualTo(more));
        Assert.That(ComposedAttention.EvaluationBytes(many, 5, 32) - ComposedAttention.EvaluationBytes(plain, 5, 32), Is.EqualTo(5 * more * sizeof(float)));
    }

    [Test]
    public void StepsOfSeveralBatchesKeepAllGradientsThroughout()
    {
        MemoryPlan one = MemoryPlan.ForTraining(Large, 8, Recompute.None);
        MemoryPlan several = MemoryPlan.ForTraining(Large, 8, Recompute.None, batches: 2);
        Assert.That(several.Total - one.Total, Is.EqualTo(one.Gradients - one.EarlyGradients));
    }
}

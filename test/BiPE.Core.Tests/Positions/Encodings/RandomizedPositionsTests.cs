using BiPE.Core.Model;
using BiPE.Core.Positions;
using BiPE.Core.Tests.Model;
using BiPE.Testing;

namespace BiPE.Core.Tests.Positions.Encodings;

public sealed class RandomizedPositionsTests
{
    [Test]
    public void BlocksHaveSortedSamplesThatAResumedRunRepeats([Values] bool bilevel)
    {
        using var backend = new ReferenceBackend();
        string name = bilevel ? "bipe_randomized_alibi" : "randomized_rope";
        using LanguageModel model = TinyModels.Create(backend, EncodingCases.Config(name));
        TokenBatch batch = TinyModels.Batch();
        PositionStream over = bilevel ? PositionStream.Segment : PositionStream.Token;
        PositionStreams plain = model.PositionsOf(batch);
        int[] drawn = model.TrainingPositionsOf(batch, 7, 4)![over].ToArray();
        Assert.That(model.TrainingPositionsOf(batch, 7, 4)![over].ToArray(), Is.EqualTo(drawn));
        Assert.That(model.TrainingPositionsOf(batch, 8, 4)![over].ToArray(), Is.Not.EqualTo(drawn), "another seed");
        int[] later = model.TrainingPositionsOf(batch, 7, 5)![over].ToArray();
        Assert.That(later, Is.Not.EqualTo(drawn), "other blocks");
        for (int row = 0; row < 2; row++)
        {
            for (int t = 1; t < plain.Time; t++)
            {
                int at = (row * plain.Time) + t;
                Assert.That(
                    Math.Sign(drawn[at] - drawn[at - 1]), Is.EqualTo(Math.Sign(plain[over][at] - plain[over][at - 1])), "order is kept, and what is equal stays so");
            }
        }

        Assert.That(drawn, Has.All.InRange(0, 39));
        foreach (PositionStream other in Enum.GetValues<PositionStream>().Where(stream => stream != over))
        {
            Assert.That(model.TrainingPositionsOf(batch, 7, 4)![other].ToArray(), Is.EqualTo(plain[other].ToArray()));
        }
    }

    [Test]
    public void ABlocksSampleDependsOnItsNumberInTheRunAlone()
    {
        using var backend = new ReferenceBackend();
        using LanguageModel model = TinyModels.Create(backend, EncodingCases.Config("randomized_rope"));
        TokenBatch both = TinyModels.Batch();
        var second = new TokenBatch(both.Tokens[12..], 1);
        Assert.That(
            model.TrainingPositionsOf(second, 7, 5)![PositionStream.Token].ToArray(),
            Is.EqualTo(model.TrainingPositionsOf(both, 7, 4)![PositionStream.Token].ToArray()[12..]));
    }

    [Test]
    public void EveryPositionIsAsLikelyAsTheOthers()
    {
        var plain = new PositionStreams(new int[3], 1, 3, new Core.Positions.Segments.SeparatorSegmenter([]));
        var subject = new RandomizedPositions(PositionStream.Token, 9);
        var counts = new int[9];
        for (int block = 0; block < 3000; block++)
        {
            foreach (int id in subject.Apply(plain, 1, block)[PositionStream.Token])
            {
                counts[id]++;
            }
        }

        // Binomial with 3000 draws of probability 1 / 3: the deviation is 26.
        Assert.That(counts, Has.All.InRange(1000 - 130, 1000 + 130));
    }

    [Test]
    public void EachPackedDocumentHasASampleOfItsOwnLength()
    {
        int[] documents = [0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 2];
        var plain = new PositionStreams(new int[12], 1, 12, new Core.Positions.Segments.SeparatorSegmenter([]), documents);
        var subject = new RandomizedPositions(PositionStream.Token, 20);
        var largest = new int[3];
        for (int block = 0; block < 50; block++)
        {
            int[] ids = subject.Apply(plain, 1, block)[PositionStream.Token].ToArray();
            foreach (IGrouping<int, int> document in ids.Zip(documents).GroupBy(pair => pair.Second, pair => pair.First))
            {
                Assert.That(document, Is.Ordered.And.Unique.And.All.InRange(0, 19));
                largest[document.Key] = Math.Max(largest[document.Key], document.Last());
            }
        }

        Assert.That(largest, Has.All.GreaterThan(15), "short documents see large positions too");
    }

    [Test]
    public void TooFewPositionsAreRefused()
    {
        using var backend = new ReferenceBackend();
        ModelConfig config = TinyModels.Config("randomized_rope") with { AttentionOptions = new Dictionary<string, double> { ["positions"] = 5 } };
        using LanguageModel model = TinyModels.Create(backend, config);
        Assert.That(
            () => model.TrainingPositionsOf(TinyModels.Batch(), 1, 0),
            Throws.TypeOf<BipeException>().With.Message.Contains("A block has 12 positions, but position.attention.positions lets training draw from 5 only"));
    }
}

using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Positions;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;
using BiPE.Core.Tests.Model;
using BiPE.Testing;

namespace BiPE.Core.Tests.Positions;

public sealed class PositionSkippingTests
{
    private const int Time = 12;
    private const int Target = 40;

    [Test]
    public void TokensBehindOneCutMoveTogetherAndStayBelowTheTarget([Values(1ul, 99ul)] ulong seed)
    {
        var skipping = new PositionSkipping(PositionStream.Token, Target, seed);
        var seen = new HashSet<int>();
        for (int block = 0; block < 400; block++)
        {
            int[] ids = skipping.Apply(Plain(1), block)[PositionStream.Token].ToArray();
            int[] shifts = [.. ids.Select((id, t) => id - t)];
            int cut = Array.FindIndex(shifts, shift => shift > 0);
            Assert.That(shifts[0], Is.Zero, "the first chunk stays");
            Assert.That(cut < 0 || shifts[cut..].All(shift => shift == shifts[cut]), Is.True, "the second moves as one");
            Assert.That(ids[^1], Is.LessThan(Target));
            seen.UnionWith(ids.SelectMany((id, t) => ids[..t].Select(before => id - before)));
        }

        Assert.That(seen, Is.EquivalentTo(Enumerable.Range(1, Target - 1)), "every distance below the target occurs");
    }

    [Test]
    public void SegmentsStayWholeAndOtherStreamsAsTheyAre()
    {
        var skipping = new PositionSkipping(PositionStream.Segment, Target, 5);
        PositionStreams plain = Plain(3);
        bool skips = false;
        for (int block = 0; block < 60; block += 3)
        {
            PositionStreams moved = skipping.Apply(plain, block);
            Assert.That(moved[PositionStream.Token].ToArray(), Is.EqualTo(plain[PositionStream.Token].ToArray()));
            Assert.That(moved[PositionStream.Offset].ToArray(), Is.EqualTo(plain[PositionStream.Offset].ToArray()));
            int[] before = plain[PositionStream.Segment].ToArray();
            int[] after = moved[PositionStream.Segment].ToArray();
            for (int i = 0; i < after.Length; i++)
            {
                bool isStart = i % Time == 0;
                Assert.That(after[i], isStart ? Is.Zero : before[i] == before[i - 1] ? Is.EqualTo(after[i - 1]) : Is.GreaterThan(after[i - 1]));
                Assert.That(after[i], Is.LessThan(Target));
            }

            skips |= !after.SequenceEqual(before);
        }

        Assert.That(skips, Is.True);
    }

    [Test]
    public void NumbersBelongToTheBlockHoweverBlocksAreBatched()
    {
        var skipping = new PositionSkipping(PositionStream.Token, Target, 7);
        int[] together = skipping.Apply(Plain(4), 20)[PositionStream.Token].ToArray();
        int[] apart = [.. Enumerable.Range(0, 4).SelectMany(row => skipping.Apply(Plain(1), 20 + row)[PositionStream.Token].ToArray())];
        int[] other = new PositionSkipping(PositionStream.Token, Target, 8).Apply(Plain(4), 20)[PositionStream.Token].ToArray();
        Assert.That(together, Is.EqualTo(apart));
        Assert.That(together, Is.Not.EqualTo(other), "another seed");
        Assert.That(together[..Time], Is.Not.EqualTo(together[Time..(2 * Time)]), "another block");
    }

    [Test]
    public void BlocksThatFillTheTargetOrHaveOneSegmentAreLeftAlone()
    {
        PositionStreams plain = Plain(1);
        Assert.That(
            new PositionSkipping(PositionStream.Token, Time, 1).Apply(plain, 0)[PositionStream.Token].ToArray(), Is.EqualTo(Enumerable.Range(0, Time)));
        var single = new PositionStreams(new int[Time], 1, Time, new SeparatorSegmenter([1]));
        Assert.That(
            new PositionSkipping(PositionStream.Segment, Target, 1).Apply(single, 0)[PositionStream.Segment].ToArray(), Is.All.Zero);
    }

    [Test]
    public void EachPackedDocumentSkipsForItselfAndStaysBelowTheTarget()
    {
        int[] documents = [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2];
        var plain = new PositionStreams(new int[Time], 1, Time, new SeparatorSegmenter([1]), documents);
        var skipping = new PositionSkipping(PositionStream.Token, 9, 5);
        var skips = new HashSet<int>();
        for (int block = 0; block < 100; block++)
        {
            int[] ids = skipping.Apply(plain, block)[PositionStream.Token].ToArray();
            foreach (IGrouping<int, int> document in ids.Zip(documents).GroupBy(pair => pair.Second, pair => pair.First))
            {
                Assert.That(document, Is.Ordered.And.Unique.And.All.InRange(0, 8));
                Assert.That(document.First(), Is.Zero);
                if (document.Last() >= document.Count())
                {
                    skips.Add(document.Key);
                }
            }
        }

        Assert.That(skips, Is.EquivalentTo(new[] { 0, 1, 2 }));
    }

    [Test]
    public void OnlyPredictionsBehindTheCutChange([Values("rope", "bipe_rope")] string encoding)
    {
        using var backend = new ReferenceBackend();
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config(encoding));
        var batch = new TokenBatch([.. Enumerable.Range(0, Time).Select(t => t % 4 == 3 ? 3 : 6 + t)], 1);
        PositionStreams plain = model.PositionsOf(batch);
        PositionStream over = encoding == "rope" ? PositionStream.Token : PositionStream.Segment;
        (PositionStreams skipped, int cut) = Enumerable.Range(0, 100)
            .Select(block => new PositionSkipping(over, Target, 3).Apply(plain, block))
            .Select(streams => (streams, Cut: Enumerable.Range(0, Time).FirstOrDefault(t => streams[over][t] != plain[over][t], Time)))
            .First(pair => pair.Cut is > 2 and < Time - 2);
        double[] before = Losses(null);
        double[] after = Losses(skipped);
        Assert.That(after[..cut], Is.EqualTo(before[..cut]));
        Assert.That(after[cut..^1], Has.All.Matches<double>(loss => !before.Contains(loss)));

        double[] Losses(PositionStreams? positions)
        {
            using var tape = new Tape(backend, isRecording: false);
            return backend.ReadDoubles(model.Losses(tape, batch, positions: positions));
        }
    }

    private static PositionStreams Plain(int rows)
    {
        int[] row = [0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 0, 0];
        return new PositionStreams([.. Enumerable.Repeat(row, rows).SelectMany(tokens => tokens)], rows, Time, new SeparatorSegmenter([1]));
    }
}

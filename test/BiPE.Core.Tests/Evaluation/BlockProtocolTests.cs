using BiPE.Core.Data;
using BiPE.Core.Evaluation;

namespace BiPE.Core.Tests.Evaluation;

public sealed class BlockProtocolTests
{
    /// <summary>Documents of 0, 1, 2 and more tokens; 200 in all.</summary>
    private static readonly DocumentArray Documents = new(new int[200], [0, 37, 37, 38, 40, 90, 153]);

    [Test]
    public void SlidingScoresEveryTokenButTheFirstOnce([Values(2, 7, 64, 199, 200, 500)] int window)
    {
        foreach (int stride in new[] { 1, 2, 7, 50 }.Where(stride => stride < window))
        {
            Assert.That(Scored(new SlidingProtocol(stride).Blocks(Documents, window)), Is.EqualTo(Enumerable.Range(1, 199)), $"stride {stride}");
        }
    }

    [Test]
    public void LaterWindowsScoreTheirLastStrideTokensWithTheRestAsContext()
    {
        TextBlock[] windows = [.. new SlidingProtocol(16).Blocks(Documents, 64)];
        Assert.That(windows[0], Is.EqualTo(new TextBlock(0, 64, 1)));
        Assert.That(windows[1..^1].Select(window => (window.Length, window.Length - window.FirstScored)), Is.All.EqualTo((64, 16)));
        Assert.That(windows[^1].End, Is.EqualTo(200));
    }

    [Test]
    public void AStrideOfTheWholeWindowIsExact() =>
        Assert.That(new SlidingProtocol(32).Blocks(Documents, 32), Is.EqualTo(new ExactProtocol().Blocks(Documents, 32)));

    [Test]
    public void AStrideBeyondTheWindowIsRefused() =>
        Assert.That(() => new SlidingProtocol(33).Blocks(Documents, 32), Throws.TypeOf<BipeException>().With.Message.Contains("smaller stride"));

    [Test]
    public void WhatWouldNeverEndOrScoreNothingIsRefused([Values(0, -1)] int tokens)
    {
        Assert.That(() => new SlidingProtocol(tokens), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("never move"));
        Assert.That(() => new LastProtocol(tokens, 8), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Nothing would be scored"));
        Assert.That(() => new LastProtocol(1, tokens), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("never end"));
    }

    [Test]
    public void LastScoresTheSameTokensAtEveryBlockSize([Values] bool withinDocuments)
    {
        int[][] scored = [.. new[] { 6, 10, 20, 40 }.Select(size => Scored(new LastProtocol(5, 40, withinDocuments).Blocks(Documents, size)))];
        Assert.That(scored[0], Has.Length.EqualTo(withinDocuments ? 15 : 25));
        Assert.That(scored, Is.All.EqualTo(scored[0]));
        Assert.That(new LastProtocol(5, 40, withinDocuments).Blocks(Documents, 20).Select(block => block.FirstScored), Is.All.EqualTo(15));
    }

    [Test]
    public void LastNeedsAContext() =>
        Assert.That(() => new LastProtocol(16, 64).Blocks(Documents, 16), Throws.TypeOf<BipeException>().With.Message.Contains("no 16 last tokens"));

    [Test]
    public void NoBlockLeavesItsDocument([Values(2, 16, 50)] int blockSize)
    {
        foreach (IBlockProtocol protocol in new IBlockProtocol[] { new ExactProtocol(true), new SlidingProtocol(blockSize / 2, true), new LastProtocol(1, 50, true) })
        {
            TextBlock[] blocks = [.. protocol.Blocks(Documents, blockSize)];
            Assert.That(blocks, Is.Not.Empty);
            Assert.That(blocks.Select(block => DocumentOf(block.Start) == DocumentOf(block.End - 1)), Is.All.True);
        }

        // All but the first token of a document, and of a block.
        int expected = Enumerable.Range(0, 7).Sum(document => ScoredOf((int)(Documents.DocumentStart(document + 1) - Documents.DocumentStart(document))));
        Assert.That(Scored(new ExactProtocol(true).Blocks(Documents, blockSize)), Has.Length.EqualTo(expected));

        int ScoredOf(int length) => length - ((length + blockSize - 1) / blockSize);
    }

    [Test]
    public void BlocksThatStartBeyondTheLimitAreLeftOut()
    {
        Assert.That(new ExactProtocol().Blocks(Documents, 16, 40).Last(), Is.EqualTo(new TextBlock(32, 16)));
        Assert.That(new SlidingProtocol(8).Blocks(Documents, 16, 40).Last().Start, Is.EqualTo(32));
        Assert.That(new ExactProtocol(true).Blocks(Documents, 16, 40).Last().Start, Is.EqualTo(38));
        Assert.That(new LastProtocol(4, 40).Blocks(Documents, 10, 41).Select(block => block.End), Is.EqualTo(new[] { 40, 80 }), "the same tokens as in blocks of 40");
    }

    private static int DocumentOf(long token) => Enumerable.Range(0, 7).Last(document => Documents.DocumentStart(document) <= token);

    private static int[] Scored(IEnumerable<TextBlock> blocks) =>
        [.. blocks.SelectMany(block => Enumerable.Range((int)block.Start + block.FirstScored, block.Length - block.FirstScored))];
}

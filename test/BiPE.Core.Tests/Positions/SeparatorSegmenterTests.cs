using BiPE.Core.Positions;
using BiPE.Core.Positions.Segments;
using FsCheck;
using FsCheck.Fluent;

namespace BiPE.Core.Tests.Positions;

public sealed class SeparatorSegmenterTests
{
    private static readonly Config Fixed = Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(20240116, 42421);

    [Test]
    public void StreamingGivesTheIdsOfWholeRows() => Prop.ForAll(Rows(), row =>
    {
        var segmenter = new SeparatorSegmenter([0, 1]);
        var whole = new PositionStreams(row, 1, row.Length, segmenter);
        SegmenterState state = default;
        for (int i = 0; i < row.Length; i++)
        {
            (int segment, int offset) = segmenter.Advance(row[i], ref state);
            if (segment != whole[PositionStream.Segment][i] || offset != whole[PositionStream.Offset][i])
            {
                return false;
            }
        }

        return true;
    }).Check(Fixed);

    [Test]
    public void TheIdsAreWhatTheDefinitionCounts() => Prop.ForAll(Rows(), row =>
    {
        var streams = new PositionStreams(row, 1, row.Length, new SeparatorSegmenter([0, 1]));
        for (int i = 0; i < row.Length; i++)
        {
            int before = row.Take(i).Count(token => token <= 1);
            int start = Array.FindLastIndex(row, Math.Max(i - 1, 0), Math.Max(i, 0), token => token <= 1) + 1;
            if (streams[PositionStream.Segment][i] != before || streams[PositionStream.Offset][i] != i - start)
            {
                return false;
            }
        }

        return true;
    }).Check(Fixed);

    [Test]
    public void EveryRowOfABatchStartsAnew()
    {
        var streams = new PositionStreams([5, 0, 5, 5, 5, 0], 2, 3, new SeparatorSegmenter([0]));
        Assert.That(streams[PositionStream.Segment].ToArray(), Is.EqualTo(new[] { 0, 0, 1, 0, 0, 0 }));
        Assert.That(streams[PositionStream.Offset].ToArray(), Is.EqualTo(new[] { 0, 1, 0, 0, 1, 2 }));
        Assert.That(streams[PositionStream.Token].ToArray(), Is.EqualTo(new[] { 0, 1, 2, 0, 1, 2 }));
    }

    private static Arbitrary<int[]> Rows() => Gen.Choose(0, 5).ArrayOf().Where(row => row.Length > 0).ToArbitrary();
}

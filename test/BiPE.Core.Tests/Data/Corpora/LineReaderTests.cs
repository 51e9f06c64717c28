using System.Text;
using BiPE.Core.Data.Corpora;
using FsCheck;
using FsCheck.Fluent;

namespace BiPE.Core.Tests.Data.Corpora;

public sealed class LineReaderTests
{
    [Test]
    public void SplitsAsStringsDoWhateverTheStreamGivesAtOnce()
    {
        var texts = Gen.ArrayOf(Gen.Elements('a', 'b', '\n', '\n', '\r')).Select(characters => new string(characters));
        Prop.ForAll(texts.ToArbitrary(), Gen.Choose(1, 5).ToArbitrary(), (text, portion) =>
        {
            string[] expected = text.EndsWith('\n') || text.Length == 0 ? text.Split('\n')[..^1] : text.Split('\n');
            return Lines(new PortionStream(Encoding.UTF8.GetBytes(text), portion)).SequenceEqual(expected);
        }).Check(Config.QuickThrowOnFailure.WithReplay(20, 401).WithMaxTest(300));
    }

    [Test]
    public void PassesOverLinesBeyondTheLimitInBoundedMemory()
    {
        string text = new string('a', 10) + "\n" + new string('b', 1_000_000) + "\n" + new string('c', 11) + "\n" + new string('d', 500_000);
        using var reader = new LineReader(new PortionStream(Encoding.UTF8.GetBytes(text), 4096), maximumBytes: 10);
        var found = new List<string>();
        while (reader.Read())
        {
            found.Add($"{reader.Number} {reader.IsTooLong} {reader.Line.Length}");
        }

        Assert.That(found, Is.EqualTo(new[] { "1 False 10", "2 True 0", "3 True 0", "4 True 0" }));
    }

    private static List<string> Lines(Stream stream)
    {
        using var reader = new LineReader(stream);
        var lines = new List<string>();
        while (reader.Read())
        {
            lines.Add(Encoding.UTF8.GetString(reader.Line));
        }

        return lines;
    }

    /// <summary>Gives at most some bytes at a time, as decompressors and networks do.</summary>
    private sealed class PortionStream(byte[] bytes, int portion) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, portion));
    }
}

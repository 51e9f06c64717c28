using BiPE.Core.Data;
using BiPE.Core.Tests.Tokenization;
using BiPE.Core.Tokenization;
using BiPE.Testing;

namespace BiPE.Core.Tests.Data.Tokenizing;

public sealed class TokenizePipelineTests
{
    // Length of text that goes to a worker at once.
    private const int ChunkLength = 1 << 17;

    // Empty and short documents, some that fill a chunk to the unit, and some that are cut into several.
    private static readonly string[] Texts =
    [
        .. Enumerable.Range(0, 20_000).Select(i => i % 7 == 0 ? "" : $"ab aab {i} b\n"),
        new string('b', ChunkLength),
        .. Enumerable.Range(0, 5).Select(i => string.Concat(Enumerable.Repeat($"aab é😀 {i}b", (ChunkLength / 4) + (100_000 * i)))),
        "the end",
    ];

    private static readonly SentencePieceTokenizer Pieces = TinySentencePiece.With(
        true, ("\u2581", -90), ("a", -91), ("b", -92), ("é", -93), ("\u2581a", -1), ("ab", -2), ("aa", -2), ("\u2581aa", -3)).Open();

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void FilesAreTheSameWithAnyNumberOfWorkers([Values("pieces", "bytes", "whole documents")] string kind)
    {
        ITokenizer tokenizer = kind switch { "pieces" => Pieces, "bytes" => new ByteTokenizer(), _ => new FakeTokenizer(70_000) };
        foreach (int workers in new[] { 1, 2, 5 })
        {
            TokenShardWriter.Write(
                new MemoryCorpus(Texts), tokenizer, _folder.At($"{workers}"), options: new TokenizeOptions { Workers = workers, PartBytes = 300_000 });
        }

        string[] files = Names("1");
        Assert.That(files, Has.Length.GreaterThan(7), "several parts");
        foreach (string other in new[] { "2", "5" })
        {
            Assert.That(Names(other), Is.EqualTo(files));
            foreach (string file in files)
            {
                Assert.That(File.ReadAllBytes(_folder.At($"{other}/{file}")).AsSpan().SequenceEqual(File.ReadAllBytes(_folder.At($"1/{file}"))), file);
            }
        }

        string[] Names(string folder) => [.. Directory.GetFileSystemEntries(_folder.At(folder)).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];
    }

    [Test]
    public void DocumentsHaveTheIdsOfTheTokenizerAcrossChunksAndParts()
    {
        TokenShardWriter.Write(new MemoryCorpus(Texts), Pieces, _folder.At("shard"), options: new TokenizeOptions { Workers = 2, PartBytes = 100_000 });

        using TokenShard shard = TokenShard.Open(_folder.At("shard"));
        shard.Verify();
        List<int> whole = [];
        for (int i = 0; i < Texts.Length; i++)
        {
            Assert.That(shard.DocumentStart(i), Is.EqualTo(whole.Count));
            whole.Add(Pieces.BeginOfSentence);
            Pieces.Encode(Texts[i], whole);
        }

        int[] read = new int[shard.TokenCount];
        shard.Read(0, read);
        Assert.That(read.AsSpan().SequenceEqual(whole.ToArray()));
        Assert.That(shard.Index.Parts, Has.Count.GreaterThan(3));
        long boundary = shard.Index.Parts[0].TokenCount;
        shard.Read(boundary - 2, read.AsSpan(0, 5));
        Assert.That(read[..5], Is.EqualTo(whole.GetRange((int)boundary - 2, 5)));
        Assert.That(shard.Index.Sets.Values.Sum(set => set.Documents), Is.EqualTo(Texts.Length));
        Assert.That(shard.Index.TextBytes, Is.EqualTo(Texts.Sum(text => (long)System.Text.Encoding.UTF8.GetByteCount(text))));
    }

    [Test]
    public void PartsEndWithTheDocumentThatFillsThem()
    {
        string[] texts = [.. Enumerable.Repeat("123456789", 25)];
        TokenShardIndex index = TokenShardWriter.Write(
            new MemoryCorpus(texts), new FakeTokenizer(), _folder.At("shard"), options: new TokenizeOptions { PartBytes = 190 });

        Assert.That(index.Parts.Select(part => part.DocumentCount), Is.EqualTo(new[] { 10, 10, 5 }), "20 bytes a document");
        Assert.That(new FileInfo(_folder.At("shard/tokens-00000.bin")).Length, Is.EqualTo(200));
    }

    [Test]
    public void TheReaderNeverRunsFarAheadOfTheWriter()
    {
        const int Workers = 3;
        int started = 0;
        int encoded = 0;
        int farthest = 0;
        var tokenizer = new WatchedTokenizer(() =>
        {
            int ahead = Volatile.Read(ref started) - Interlocked.Increment(ref encoded);
            InterlockedMax(ref farthest, ahead);
        });
        var corpus = new MemoryCorpus([.. Enumerable.Repeat(new string('a', ChunkLength), 400)], i => Volatile.Write(ref started, i));
        TokenShardWriter.Write(corpus, tokenizer, _folder.At("shard"), options: new TokenizeOptions { Workers = Workers });

        Assert.That(encoded, Is.EqualTo(400));
        Assert.That(farthest, Is.LessThanOrEqualTo((2 * Workers) + 3), "chunks on their way");
    }

    private static void InterlockedMax(ref int location, int value)
    {
        int seen = Volatile.Read(ref location);
        while (value > seen)
        {
            seen = Interlocked.CompareExchange(ref location, value, seen) is var before && before == seen ? value : before;
        }
    }
}

using BiPE.Core.Data;
using BiPE.Core.Tokenization;
using BiPE.Testing;

namespace BiPE.Core.Tests.Data.Tokenizing;

public sealed class ResumedTokenizingTests
{
    private const int PerPart = 20_000;

    // Ten to twenty documents a part.
    private static readonly string[] Texts = [.. Enumerable.Range(0, 300).Select(i => new string((char)('a' + (i % 26)), 500 + (i * 37 % 900)))];

    private TemporaryFolder _folder = null!;

    private string Target => _folder.At("shard");

    private string Unfinished => _folder.At("shard/unfinished");

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void WorkThatFailsLeavesItsWholePartsAndGoesOnBehindThem()
    {
        Fail(at: 299);
        long whole;
        using (TokenShard prefix = TokenShard.Open(Unfinished))
        {
            prefix.Verify();
            whole = prefix.DocumentCount;
            Assert.That(prefix.Index.Parts, Has.Count.GreaterThan(2));
            Assert.That(prefix.DocumentCount, Is.InRange(1, 298));
        }

        Assert.That(() => TokenShard.Open(Target), Throws.TypeOf<BipeException>().With.Message.Contains("unfinished work"));

        // What is gone on behind is read, but not tokenized.
        int encoded = 0;
        Write(Target, new MemoryCorpus(Texts), new WatchedTokenizer(() => Interlocked.Increment(ref encoded)));
        Assert.That(encoded, Is.EqualTo(Texts.Length - whole));
        RequireSameAsUninterrupted();
    }

    [Test]
    public void WhatAKilledProcessLeftIsReplaced()
    {
        Fail(at: 299);
        File.WriteAllText(Path.Combine(Unfinished, "tokens-00999.bin"), "half a part");
        File.WriteAllText(Path.Combine(Unfinished, "documents-00999.bin"), "half a part");
        File.WriteAllText(Path.Combine(Unfinished, "lock"), "");
        File.WriteAllText(Path.Combine(Unfinished, "index.json.1234.tmp"), "half an index");
        Write(Target, new MemoryCorpus(Texts));
        RequireSameAsUninterrupted();
    }

    [Test]
    public void PublishingThatWasCutOffIsDoneAgain([Values(0, 1, 5)] int moved)
    {
        Write(Target, new MemoryCorpus(Texts));
        Directory.CreateDirectory(Unfinished);
        foreach (string file in Directory.GetFiles(Target).Order(StringComparer.Ordinal).Skip(moved))
        {
            File.Move(file, Path.Combine(Unfinished, Path.GetFileName(file)));
        }

        Assert.That(File.Exists(Path.Combine(Unfinished, "index.json")), "it is moved last");
        Write(Target, new MemoryCorpus(Texts));
        RequireSameAsUninterrupted();
    }

    [Test]
    public void OnlyTheSameWorkGoesOn()
    {
        Fail(at: 299);
        string[] other = [.. Texts];
        other[3] = other[3].ToUpperInvariant();
        Refuse(() => Write(Target, new MemoryCorpus(other)), "first", "memory");
        Refuse(() => Write(Target, new MemoryCorpus(Texts[..5])), "first");
        Refuse(() => Write(Target, new MemoryCorpus(Texts, setOf: _ => null)), "first", "set field");
        Refuse(() => Write(Target, new MemoryCorpus(Texts), new FakeTokenizer(400)), "another tokenizer");
        Refuse(
            () => TokenShardWriter.Write(new MemoryCorpus(Texts), new FakeTokenizer(), Target, options: new TokenizeOptions { PartBytes = 9 }),
            "20,000 bytes");
        Write(Target, new MemoryCorpus(Texts));
        RequireSameAsUninterrupted();

        static void Refuse(Action work, params string[] parts)
        {
            string message = Assert.Throws<BipeException>(() => work())!.Message;
            foreach (string part in parts.Append("delete that folder"))
            {
                Assert.That(message, Does.Contain(part));
            }
        }
    }

    [Test]
    public void UnfinishedWorkThatIsDamagedIsRefused()
    {
        Fail(at: 299);
        File.WriteAllText(Path.Combine(Unfinished, "tokens-00001.bin"), "cut off");
        Assert.That(
            () => Write(Target, new MemoryCorpus(Texts)),
            Throws.TypeOf<BipeException>().With.Message.Contains("tokens-00001.bin").And.Message.Contains("delete that folder"));
    }

    [Test]
    public void TheOldShardStaysUntilTheNewOneIsWhole()
    {
        TokenShardWriter.Write(new MemoryCorpus(["old"]), new FakeTokenizer(), Target);
        Fail(at: 299);
        using (TokenShard old = TokenShard.Open(Target))
        {
            old.Verify();
            Assert.That(old.DocumentCount, Is.EqualTo(1));
        }

        Write(Target, new MemoryCorpus(Texts));
        RequireSameAsUninterrupted();
    }

    private void Fail(int at)
    {
        // The reader is ahead of the writer, so the fault waits for parts to become whole.
        var corpus = new MemoryCorpus(Texts, i => _ = i == at ? throw new BipeException("The corpus is corrupt.") : i);
        Assert.That(() => Write(Target, corpus), Throws.TypeOf<BipeException>().With.Message.EqualTo("The corpus is corrupt."));
    }

    private static void Write(string folder, MemoryCorpus corpus, ITokenizer? tokenizer = null) =>
        TokenShardWriter.Write(corpus, tokenizer ?? new FakeTokenizer(), folder, options: new TokenizeOptions { Workers = 2, PartBytes = PerPart });

    private void RequireSameAsUninterrupted()
    {
        Write(_folder.At("whole"), new MemoryCorpus(Texts));
        string[] files = [.. Directory.GetFiles(_folder.At("whole")).Select(file => Path.GetFileName(file)!)];
        Assert.That(Directory.GetFileSystemEntries(Target).Select(Path.GetFileName), Is.EquivalentTo(files));
        foreach (string file in files)
        {
            Assert.That(File.ReadAllBytes(Path.Combine(Target, file)), Is.EqualTo(File.ReadAllBytes(_folder.At($"whole/{file}"))), file);
        }
    }
}

using BiPE.Core.Data.Corpora;
using BiPE.Testing;

namespace BiPE.Core.Tests.Data.Corpora;

public sealed class WholeGzipStreamTests
{
    private const string First = "{\"text\": \"first\"}\n";

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void ZerosBehindTheLastMemberArePassedOver([Values(1, 7, 8, 512, 8192, 300_001)] int zeros, [Values] bool endsInAnEmptyMember)
    {
        // A member ends with its text's length in 32 bits, so that it ends with zeros of its own; all of an empty one's end is zeros.
        byte[] last = Compressed.Gzip(endsInAnEmptyMember ? "" : "{\"text\": \"second\"}\n");

        Assert.That(Read([.. Compressed.Gzip(First), .. last, .. new byte[zeros]]), Is.EqualTo(endsInAnEmptyMember ? "first" : "first|second"));
    }

    [Test]
    public void ALongTextBeforeZerosIsReadToItsEnd()
    {
        string text = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"{{\"text\": \"{i * 7919L}\"}}\n"));

        Assert.That(Read([.. Compressed.Gzip(text), .. new byte[512]]).Split('|'), Has.Length.EqualTo(40_000).And.ItemAt(39_999).EqualTo("316752081"));
    }

    [Test]
    public void AMemberThatIsCutOffIsRefusedThoughZerosFollow()
    {
        byte[] whole = Compressed.Gzip(First);
        int used = whole.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        for (int length = 1; length < used; length++)
        {
            Assert.That(() => Read([.. Compressed.Gzip(First), .. whole[..length], .. new byte[512]]), Throws.TypeOf<BipeException>(), $"cut to {length} bytes");
        }
    }

    [Test]
    public void WhatFollowsZerosIsRefused()
    {
        byte[] whole = Compressed.Gzip(First);

        Assert.That(() => Read([.. whole, .. new byte[512], .. whole]), Throws.TypeOf<BipeException>());
        Assert.That(() => Read([.. whole, .. new byte[20_000], 1]), Throws.TypeOf<BipeException>());
        Assert.That(() => Read([.. whole, 1, .. new byte[512]]), Throws.TypeOf<BipeException>());
        Assert.That(() => Read(new byte[512]), Throws.TypeOf<BipeException>());
    }

    private string Read(byte[] bytes) =>
        string.Join('|', CorpusReader.Open(_folder.Write("a.jsonl.gz", bytes)).Read().Select(document => document.Text));
}

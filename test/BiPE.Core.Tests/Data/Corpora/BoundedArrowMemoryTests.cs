using System.Buffers.Binary;
using Apache.Arrow.Memory;
using BiPE.Core.Data.Corpora;
using BiPE.Testing;

namespace BiPE.Core.Tests.Data.Corpora;

public sealed class BoundedArrowMemoryTests
{
    private const int DamagedLength = 0x7F00_0000;
    private const long Bound = 512 << 20;

    private static readonly TableRow[] Rows = [new("a whale", "ArXiv"), new(new string('x', 300), "ArXiv"), new("no set", null)];

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void NoDamagedLengthTakesGigabytes([Values] ArrowKind kind)
    {
        byte[] bytes = Tables.Arrow(kind, Rows, Rows);
        for (int at = 0; at <= bytes.Length - sizeof(int); at += sizeof(int))
        {
            byte[] damaged = [.. bytes];
            BinaryPrimitives.WriteInt32LittleEndian(damaged.AsSpan(at), DamagedLength);
            string file = _folder.Write("damaged.arrow", damaged);
            long before = Allocated();
            Assert.That(() => TryRead(file), Throws.Nothing, $"a length at byte {at} of {bytes.Length}");
            Assert.That(Allocated() - before, Is.LessThan(Bound), $"a length at byte {at} of {bytes.Length}");
        }
    }

    [TestCase(ArrowKind.Stream)]
    [TestCase(ArrowKind.File)]
    public void AMessageThatIsLongerThanTheFileIsNamed(ArrowKind kind)
    {
        // The first message's length stands behind a mark; a file's last message, its footer, has it behind and before six letters.
        byte[] bytes = Tables.Arrow(kind, Rows);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(kind == ArrowKind.File ? bytes.Length - 10 : 4), DamagedLength);
        string file = _folder.Write("a.arrow", bytes);

        Assert.That(() => CorpusReader.Open(file).Read().Count(), Throws.TypeOf<BipeException>()
            .With.Message.Contains(file).And.Message.Contains($"a message of {DamagedLength:N0} bytes where"));
    }

    [Test]
    public void TextThatCompressesWellIsRead()
    {
        TableRow[] rows = [new(new string('x', 20_000_000), "ArXiv")];
        string file = _folder.Write("a.arrow", Tables.Arrow(ArrowKind.Compressed, rows));

        Assert.That(new FileInfo(file).Length, Is.LessThan(10_000));
        Assert.That(CorpusReader.Open(file).Read().Single().Text, Has.Length.EqualTo(20_000_000));
    }

    private static void TryRead(string file)
    {
        try
        {
            _ = CorpusReader.Open(file).Read().Count();
        }
        catch (BipeException e)
        {
            Assert.That(e.Message, Does.Contain(file));
        }
    }

    /// <summary>All bytes ever taken, on the heap by this thread and beside it for Arrow's buffers.</summary>
    private static long Allocated() => GC.GetAllocatedBytesForCurrentThread() + MemoryAllocator.Default.Value.Statistics.BytesAllocated;
}

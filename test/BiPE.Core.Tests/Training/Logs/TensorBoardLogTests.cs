using System.Text;
using BiPE.Core.Training.Logs;
using BiPE.Testing;

namespace BiPE.Core.Tests.Training.Logs;

public sealed class TensorBoardLogTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    // RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms.
    [TestCase("0000000000000000000000000000000000000000000000000000000000000000", 0x8A9136AAu)]
    [TestCase("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 0x62A8AB43u)]
    [TestCase("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0x46DD794Eu)]
    [TestCase("313233343536373839", 0xE3069283u)]
    [TestCase("", 0u)]
    public void The_checksum_has_its_known_values(string data, uint expected) =>
        Assert.That(Crc32C.Compute(Convert.FromHexString(data)), Is.EqualTo(expected));

    [Test]
    public void Events_are_read_back()
    {
        var clock = new FixedClock();
        string path;
        using (var log = new TensorBoardLog(_folder.At("run"), clock: clock))
        {
            path = log.Path;
            log.Write(new TrainingLogEntry(1, 2048, [new("train/loss", 10.5), new("learning_rate", 1e-4)]));
            log.Write(new TrainingLogEntry(300, 614400, [new("train/loss", double.NaN)]));
        }

        Assert.That(Path.GetFileName(path), Does.StartWith("events.out.tfevents.1700000000."));
        var events = ReadEvents(path);
        Assert.That(events, Has.Count.EqualTo(3));
        Assert.That(Encoding.UTF8.GetString(events[0][3].Single()), Is.EqualTo("brain.Event:2"));
        Assert.That(events.Select(one => BitConverter.ToDouble(one[1].Single())), Is.All.EqualTo(1_700_000_000.25));
        Assert.That(events.Select(one => BitConverter.ToInt64(one[2].Single())), Is.EqualTo(new long[] { 0, 1, 300 }));
        Assert.That(Scalars(events[1]), Is.EqualTo(new[] { ("tokens", 2048f), ("train/loss", 10.5f), ("learning_rate", 1e-4f) }));
        Assert.That(Scalars(events[2]), Is.EqualTo(new[] { ("tokens", 614400f), ("train/loss", float.NaN) }));
    }

    [Test]
    public void A_resumed_run_makes_a_second_file_that_starts_after_the_step()
    {
        var clock = new FixedClock();
        using var first = new TensorBoardLog(_folder.Path, clock: clock);
        using var second = new TensorBoardLog(_folder.Path, resumedStep: 40, clock);
        Assert.That(second.Path, Is.Not.EqualTo(first.Path));
        var start = ReadEvents(second.Path)[1];
        Assert.That(BitConverter.ToInt64(start[2].Single()), Is.EqualTo(41));
        Assert.That(BitConverter.ToInt64(Fields(start[7].Single())[1].Single()), Is.EqualTo(1));
    }

    [Test]
    public void A_folder_that_cannot_be_made_is_told()
    {
        File.WriteAllText(_folder.At("file"), "");
        Assert.That(() => new TensorBoardLog(_folder.At("file")), Throws.TypeOf<BipeException>().With.Message.Contains("file"));
    }

    private static List<ILookup<int, byte[]>> ReadEvents(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new BinaryReader(stream);
        var events = new List<ILookup<int, byte[]>>();
        while (stream.Position < stream.Length)
        {
            byte[] length = reader.ReadBytes(8);
            Assert.That(reader.ReadUInt32(), Is.EqualTo(MaskedChecksum(length)));
            byte[] data = reader.ReadBytes((int)BitConverter.ToUInt64(length));
            Assert.That(reader.ReadUInt32(), Is.EqualTo(MaskedChecksum(data)));
            events.Add(Fields(data));
        }

        return events;
    }

    private static (string Tag, float Value)[] Scalars(ILookup<int, byte[]> one) =>
    [
        .. Fields(one[5].Single())[1].Select(Fields)
            .Select(value => (Encoding.UTF8.GetString(value[1].Single()), BitConverter.ToSingle(value[2].Single()))),
    ];

    /// <summary>Reads the protobuf wire format: each field's bytes by its number, varints as eight bytes.</summary>
    private static ILookup<int, byte[]> Fields(byte[] message)
    {
        var fields = new List<(int Number, byte[] Value)>();
        int at = 0;
        while (at < message.Length)
        {
            ulong tag = Varint();
            int size = (tag & 7) switch
            {
                0 => 0,
                1 => 8,
                2 => (int)Varint(),
                5 => 4,
                _ => throw new InvalidDataException($"wire type {tag & 7}"),
            };
            fields.Add(((int)(tag >> 3), (tag & 7) == 0 ? BitConverter.GetBytes(Varint()) : message[at..(at + size)]));
            at += size;
        }

        return fields.ToLookup(field => field.Number, field => field.Value);

        ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte part = message[at++];
                value |= (ulong)(part & 0x7F) << shift;
                if (part < 0x80)
                {
                    return value;
                }
            }
        }
    }

    /// <summary>Bit by bit, from the polynomial.</summary>
    private static uint MaskedChecksum(byte[] data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0);
            }
        }

        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_250);
    }
}

using BiPE.Core.Checkpoints.Pickle;
using BiPE.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace BiPE.Core.Tests.Checkpoints.Pickle;

/// <summary>Whatever the bytes: either tensors that can be read whole, or one <see cref="BipeException"/>.</summary>
public sealed class TorchFuzzTests
{
    private static readonly byte[][] Seeds =
    [
        .. new[] { "zip.bin", "zip_protocol4.bin", "zip64.bin", "legacy.bin" }
            .Select(name => File.ReadAllBytes(TestFiles.InRepository("BiPE.Core.Tests", "torch", name))),
    ];

    [Test]
    public void MutatedFilesLoadOrAreRefused()
    {
        var mutations =
            from seed in Gen.Elements(Seeds)
            from edits in Gen.ListOf(
                from kind in Gen.Choose(0, 3)
                from at in Gen.Choose(0, seed.Length - 1)
                from value in Gen.Choose(0, 255)
                from length in Gen.Choose(1, 40)
                select (kind, at, (byte)value, length))
            select Mutate(seed, edits);
        int loaded = Check(mutations, 1500);
        Assert.That(loaded, Is.InRange(1, 1499), "some mutations are harmless, others are not");
    }

    [Test]
    public void RandomBytesInTheRightPlacesAreRefused()
    {
        byte[] interesting = "()]}.QRbceuhqsatXJKM0129N\u0080\u0081\u0085\u0089\u0093"u8.ToArray();
        var bytes = Gen.ArrayOf(Gen.OneOf(Gen.Elements(interesting), Gen.Choose(0, 255).Select(value => (byte)value)));
        Check(bytes.Select(pickle => TorchBytes.Zip(pickle, ("data/0", new byte[16]))), 800);
        Check(bytes.Select(pickle => TorchBytes.Legacy(pickle)), 800);
        Check(bytes, 400);
    }

    /// <summary>Opens each file and reads all it has; returns how many could be.</summary>
    private static int Check(Gen<byte[]> files, int count)
    {
        using var folder = new TemporaryFolder();
        int loaded = 0;
        Prop.ForAll(files.ToArbitrary(), bytes =>
        {
            string path = folder.Write("model.bin", bytes);
            try
            {
                using TorchFile file = TorchFile.Open(path);
                foreach (var tensor in file.Tensors.Values.Where(tensor => tensor.IsReadable && tensor.Count < 1 << 20))
                {
                    file.ReadFloats(tensor.Name, 0, new float[tensor.Count]);
                }

                loaded++;
            }
            catch (BipeException)
            {
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(20240126, 7));
        return loaded;
    }

    private static byte[] Mutate(byte[] seed, IEnumerable<(int Kind, int At, byte Value, int Length)> edits)
    {
        List<byte> bytes = [.. seed];
        foreach ((int kind, int position, byte value, int length) in edits)
        {
            int at = Math.Min(position, bytes.Count - 1);
            int count = Math.Min(length, bytes.Count - at - 1);
            switch (kind)
            {
                case 0:
                    bytes[at] = value;
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << (value & 7));
                    break;
                case 2:
                    bytes.RemoveRange(at, count);
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, count));
                    break;
            }
        }

        return [.. bytes];
    }
}

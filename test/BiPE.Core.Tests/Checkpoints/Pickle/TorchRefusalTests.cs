using System.IO.Compression;
using System.Text;
using BiPE.Core.Checkpoints.Pickle;
using BiPE.Testing;

namespace BiPE.Core.Tests.Checkpoints.Pickle;

/// <summary>Pickles are programs: everything that is not a tensor must be refused, in one sentence that says what it was.</summary>
public sealed class TorchRefusalTests
{
    private static readonly float[] Four = [1, 2, 3, 4];
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    public static IEnumerable<TestCaseData> Programs()
    {
        PickleBytes Start() => new();
        yield return Case("os.system", Start().Global("posix", "system").Text("touch owned").Raw(0x85).Op("R").Stop(), "asks for 'posix.system'");
        yield return Case("eval", Start().Global("builtins", "eval").Text("1").Raw(0x85).Op("R").Stop(), "asks for 'builtins.eval'");
        yield return Case("eval by STACK_GLOBAL", Start().Text("builtins").Text("eval").Raw(0x93).Op(")R").Stop(), "asks for 'builtins.eval'");
        yield return Case("a function of torch", Start().Global("torch", "load").Op(")R").Stop(), "asks for 'torch.load'");
        yield return Case("a dotted name", Start().Global("torch", "_utils.sys.modules").Stop(), "asks for 'torch._utils.sys.modules'");
        yield return Case("a class and NEWOBJ", Start().Global("collections", "OrderedDict").Op(")").Raw(0x81).Stop(), "the pickle instruction NEWOBJ");
        yield return Case("INST", Start().Op("(iposix\nsystem\n").Stop(), "the pickle instruction INST");
        yield return Case("OBJ", Start().Op("(").Global("collections", "OrderedDict").Op("o").Stop(), "the pickle instruction OBJ");
        yield return Case("an extension", Start().Raw(0x82, 1).Stop(), "the pickle instruction EXT1");
        yield return Case("bytes", Start().Op("C").Raw(1, 65).Stop(), "the pickle instruction SHORT_BINBYTES");
        yield return Case("no instruction", Start().Raw(0xff).Stop(), "the pickle instruction 0xFF");
        yield return Case("BUILD of a dictionary", Start().Op("}}b").Stop(), "sets attributes of a dictionary (the pickle instruction BUILD)");
        yield return Case("BUILD of a tensor", Start().Tensor("FloatStorage", "0", 4, 0, [4]).Op("}b").Stop(), "sets attributes of a tensor");
        yield return Case("a call of a text", Start().Text("eval").Op(")R").Stop(), "calls a text with a tuple");
        yield return Case("a call with a list", Start().Global("collections", "OrderedDict").Op("]R").Stop(), "with a list");
        yield return Case("a call of a storage class", Start().Global("torch", "FloatStorage").Op(")R").Stop(), "calls torch.FloatStorage with 0 arguments");
        yield return Case("arguments of OrderedDict", Start().Global("collections", "OrderedDict").Op("]").Raw(0x85).Op("R").Stop(), "with 1 arguments (a list)");

        static TestCaseData Case(string name, byte[] pickle, string sentence) => new TestCaseData(pickle, sentence).SetArgDisplayNames(name);
    }

    public static IEnumerable<TestCaseData> Faults()
    {
        PickleBytes Start() => new();
        byte[] Named(PickleBytes value) => value.Op("s").Stop();
        PickleBytes Entry() => Start().Op("}").Text("a");
        yield return Case("an offset beyond", Named(Entry().Tensor("FloatStorage", "0", 4, 1, [4])), "reaches element 4 of the storage '0', which has 4");
        yield return Case("strides beyond", Named(Entry().Tensor("FloatStorage", "0", 4, 0, [2, 2], [3, 1])), "reaches element 4");
        yield return Case("a huge storage", Named(Entry().Tensor("FloatStorage", "0", long.MaxValue, 0, [4])), "elements of its storage '0' are not in the file");
        yield return Case("a huge shape", Named(Entry().Tensor("FloatStorage", "0", 4, 0, [1L << 40, 1L << 40], [0, 0])), "too large for any memory");
        yield return Case("a huge shape of one element", Named(Entry().Tensor("FloatStorage", "0", 4, 0, [int.MaxValue, int.MaxValue], [0, 0])), "too large for any memory");
        yield return Case("a negative stride", Named(Entry().Tensor("FloatStorage", "0", 4, 3, [4], [-1])), "none negative");
        yield return Case("another key", Named(Entry().Tensor("FloatStorage", "../../etc/passwd", 4, 0, [4])), "elements of its storage '../../etc/passwd' are not in the file");
        yield return Case("a storage of two types",
            Entry().Tensor("FloatStorage", "0", 4, 0, [4]).Op("s").Text("b").Tensor("HalfStorage", "0", 4, 0, [4]).Op("s").Stop(), "as 4 F32 and as 4 F16");
        yield return Case("something else outside", Named(Entry().Text("module").Op("Q")), "not a whole storage (a text)");
        yield return Case("a number among tensors", Named(Entry().Integer(7)), "holds an integer as 'a'");
        yield return Case("a whole training state", Named(Entry().Op("}")), "holds a dictionary as 'a', expected a dictionary of tensors (a model's state_dict)");
        yield return Case("a list", Start().Op("]").Stop(), "holds a list at its top");
        yield return Case("a list of itself", Start().Op("]q").Raw(0).Op("h").Raw(0).Op("a").Stop(), "holds a list at its top");
        yield return Case("a dictionary of itself", Start().Op("}q").Raw(0).Text("a").Op("h").Raw(0).Op("s").Stop(), "holds a dictionary as 'a'");
        yield return Case("a tuple as a key", Start().Op("})Ns").Stop(), "has a tuple as a key");
        yield return Case("an integer as a key", Start().Op("}").Integer(1).Op("Ns").Stop(), "has an integer as a key");
        yield return Case("a far number to remember", Start().Op("Nr").Raw(0xff, 0xff, 0xff, 0xff).Stop(), "remembers None as number 4294967295");
        yield return Case("a mark to remember", Start().Op("(q").Raw(0).Stop(), "remembers a mark as number 0");
        yield return Case("no value", Start().Op("0").Stop(), "takes a value that is not there");
        yield return Case("a mark for a value", Start().Op("}((s").Stop(), "takes a mark for a value");
        yield return Case("no mark", Start().Op("}u").Stop(), "looks for a mark that is not there");
        yield return Case("nothing remembered", Start().Op("h").Raw(9).Stop(), "recalls value 9");
        yield return Case("a protocol of the future", Start().Raw(0x80, 9).Stop(), "of protocol 9");
        yield return Case("a text that is too long", Start().Op("X").Raw(0xff, 0xff, 0xff, 0x7f).Stop(), "a text of 2147483647 bytes");
        yield return Case("a text longer than any", Start().Raw(0x8d).Raw(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff).Stop(), "a text of 18446744073709551615 bytes");
        yield return Case("a text that is no text", Start().Op("X").Raw(1, 0, 0, 0, 0xff).Stop(), "not UTF-8");
        yield return Case("a huge integer", Start().Raw(0x8a, 200).Raw(new byte[200]).Stop(), "an integer of 200 bytes");
        yield return Case("no end", Start().Op("}}}}").Raw(), "ends in the middle");
        yield return Case("millions of values", Enumerable.Repeat((byte)'}', 1_500_000).ToArray(), "more than 1000000 instructions");

        static TestCaseData Case(string name, object pickle, string sentence) =>
            new TestCaseData(pickle is PickleBytes bytes ? bytes.Stop()[..^1] : pickle, sentence).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Programs))]
    public void ProgramsAreRefusedByName(byte[] pickle, string sentence)
    {
        Refuses(TorchBytes.Zip(pickle, Storage), sentence);
        Refuses(TorchBytes.Legacy(pickle, ("0", Four)), sentence);
        Refuses(TorchBytes.Zip(pickle, Storage), "which tensors do not need and which could run code elsewhere", "with 0 arguments", "with 1 arguments");
    }

    [TestCaseSource(nameof(Faults))]
    public void FaultsAreNamed(byte[] pickle, string sentence) => Refuses(TorchBytes.Zip(pickle, Storage), sentence);

    [Test]
    public void NegatedTensorsAndTorchScriptAreRefused()
    {
        byte[] whole = new PickleBytes().Op("}").Text("a").Tensor("FloatStorage", "0", 4, 0, [4]).Op("s").Stop();
        Refuses(TorchBytes.Zip(whole, Storage, ("code/model.py", [65])), "holds a TorchScript program");
        Refuses(TorchBytes.Zip(whole, Storage, ("byteorder", [65])), "its byte order is 'A'");
        byte[] negated = new PickleBytes().Op("}").Text("a").Global("torch._utils", "_rebuild_tensor_v2").Op("(").Storage("FloatStorage", "0", 4)
            .Integer(0).Integers(4).Integers(1).Raw(0x89).Op("}").Op("}").Text("neg").Raw(0x88).Op("stRs").Stop();
        Refuses(TorchBytes.Zip(negated, Storage), "negated or conjugated");
    }

    [Test]
    public void OtherFilesAreNamed()
    {
        Refuses([], "begins neither as a zip archive nor as a pickle");
        Refuses("<html>"u8.ToArray(), "begins neither");
        Refuses(Encoding.ASCII.GetBytes("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "pointer of Git LFS");
        Refuses(new PickleBytes().Op("}").Stop(), "a pickle that torch.save did not make");
        Refuses("PK\u0003\u0004"u8.ToArray(), "no zip directory");
        Refuses(TorchBytes.Zip([])[..^30], "no zip directory");
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry("model/data.pkl", CompressionLevel.SmallestSize).Open();
            entry.Write(new byte[1000]);
        }

        Refuses(stream.ToArray(), "'model/data.pkl' compressed");
        Assert.That(() => TorchFile.Open(_folder.At("absent.bin")), Throws.TypeOf<BipeException>().With.Message.Contains("absent.bin"));
    }

    [TestCase("zip.bin")]
    [TestCase("zip64.bin")]
    [TestCase("legacy.bin")]
    public void NoTruncationLoads(string name)
    {
        byte[] whole = File.ReadAllBytes(TestFiles.InRepository("BiPE.Core.Tests", "torch", name));
        for (int length = 0; length < whole.Length; length += length < 64 ? 1 : 37)
        {
            Refuses(whole[..length], "get it again");
        }
    }

    private static (string, byte[]) Storage => ("data/0", new byte[16]);

    private void Refuses(byte[] file, params string[] anyOf)
    {
        string path = _folder.Write("model.bin", file);
        var refusal = Assert.Throws<BipeException>(() => TorchFile.Open(path).Dispose())!;
        Assert.That(anyOf.Any(refusal.Message.Contains), Is.True, refusal.Message);
        Assert.That(refusal.Message, Does.Contain("model.bin").And.Not.Contain("\n"));
    }
}

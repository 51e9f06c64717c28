using BiPE.Core.Checkpoints;
using BiPE.Core.Checkpoints.Pickle;
using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Model;
using BiPE.Core.Tokenization;
using BiPE.Testing;

namespace BiPE.Core.Tests;

public sealed class GitLfsPointerTests
{
    private const string Pointer = """
        version https://git-lfs.github.com/spec/v1
        oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
        size 12345

        """;

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void APointerIsCalledSoWhateverItStandsFor()
    {
        Refuses("model.safetensors.index.json", path => HuggingFaceFolder.OpenTensors(Path.GetDirectoryName(path)!).Dispose());
        Refuses("pytorch_model.bin", path => TorchFile.Open(path).Dispose());
        Refuses("model.safetensors", path => SafetensorsFile.Open(path).Dispose());
        Refuses("config.json", path => ModelConfigReader.Read(path));
        Refuses("tokenizer.model", path => TokenizerFolder.Open(path));
        Refuses("tokenizer_config.json", path => TokenizerFolder.Open(Path.GetDirectoryName(path)!));
        foreach (string extension in CorpusReader.Extensions)
        {
            Refuses("text" + extension, path => _ = CorpusReader.Open(path).Read().Count());
        }
    }

    private void Refuses(string name, Action<string> read)
    {
        string path = _folder.Write(name, Pointer);

        Assert.That(
            () => read(path),
            Throws.TypeOf<BipeException>().With.Message.EqualTo($"'{path}' is only a pointer of Git LFS; get the file itself with 'git lfs pull'."));
    }
}

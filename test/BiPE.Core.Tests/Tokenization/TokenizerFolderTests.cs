using BiPE.Core.Tokenization;

namespace BiPE.Core.Tests.Tokenization;

public sealed class TokenizerFolderTests
{
    private static readonly byte[] Model = TinySentencePiece.With(byteFallback: true, ("\u2581", -9), ("a", -8)).ToBytes();

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("bipe").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void TheWordBytesOpensTheByteTokenizer()
    {
        Assert.That(TokenizerFolder.Open("bytes"), Is.TypeOf<ByteTokenizer>());
    }

    [Test]
    public void AFolderAndItsModelFileOpenTheSame()
    {
        Put("tokenizer.model", Model);
        ITokenizer folder = TokenizerFolder.Open(_folder);
        Assert.That(folder.AddsBeginOfSentence, Is.True);
        Assert.That(TokenizerFolder.Open(Path.Combine(_folder, "tokenizer.model")).Fingerprint, Is.EqualTo(folder.Fingerprint));
    }

    [Test]
    public void TheConfigurationSaysWhetherTheBeginIsAdded()
    {
        Put("tokenizer.model", Model);
        Put("tokenizer_config.json", "{\"add_bos_token\": false, \"bos_token\": {\"content\": \"<s>\"}}"u8);
        Assert.That(TokenizerFolder.Open(_folder).AddsBeginOfSentence, Is.False);
        Assert.That(TokenizerFolder.Open(Path.Combine(_folder, "tokenizer.model")).AddsBeginOfSentence, Is.False);
    }

    [Test]
    public void SavedTokenizersOpenAgain([Values] bool bytes, [Values] bool withConfig)
    {
        if (withConfig)
        {
            Put("tokenizer_config.json", "{\"add_bos_token\": false, \"model_max_length\": 77}"u8);
        }

        Put("tokenizer.model", Model);
        ITokenizer original = TokenizerFolder.Open(bytes ? "bytes" : _folder);
        string target = Path.Combine(_folder, "new", "folder");
        TokenizerFolder.Save(original, target);
        ITokenizer again = TokenizerFolder.Open(target);
        Assert.That(again, Is.TypeOf(original.GetType()));
        Assert.That(again.Fingerprint, Is.EqualTo(original.Fingerprint));
        if (!bytes)
        {
            Assert.That(File.ReadAllBytes(Path.Combine(target, "tokenizer.model")), Is.EqualTo(Model));
            string config = File.ReadAllText(Path.Combine(target, "tokenizer_config.json"));
            Assert.That(config, Does.Contain(withConfig ? "77" : "LlamaTokenizer"));
        }
    }

    [Test]
    public void WhatIsMissingIsNamed()
    {
        Assert.That(() => TokenizerFolder.Open(_folder), Refused("tokenizer.model", _folder));
        Assert.That(() => TokenizerFolder.Open(Path.Combine(_folder, "none")), Refused("none", "bytes"));
    }

    [TestCase("{", "tokenizer_config.json' is not valid JSON (")]
    [TestCase("null", "tokenizer_config.json' holds Null at its top, expected a JSON object")]
    [TestCase("[1]", "tokenizer_config.json' holds Array at its top, expected a JSON object")]
    [TestCase("{\"add_bos_token\": \"yes\"}", "tokenizer_config.json': 'add_bos_token' is \"yes\", expected true or false")]
    [TestCase("{\"add_eos_token\": 1}", "tokenizer_config.json': 'add_eos_token' is 1, expected true or false")]
    [TestCase("{\"tokenizer_class\": [1]}", "tokenizer_config.json': 'tokenizer_class' is [1], expected a string")]
    [TestCase("{\"add_eos_token\": true}", "add_eos_token")]
    [TestCase("{\"tokenizer_class\": \"\\ud800\"}", "tokenizer_config.json")]
    public void UnreadableConfigurationsAreRefused(string json, string named)
    {
        Put("tokenizer.model", Model);
        Put("tokenizer_config.json", System.Text.Encoding.UTF8.GetBytes(json));
        Assert.That(() => TokenizerFolder.Open(_folder), Refused(named));
    }

    [Test]
    public void AFileThatIsNoModelIsRefused()
    {
        Put("tokenizer.model", "this is no model"u8);
        Assert.That(() => TokenizerFolder.Open(_folder), Refused("tokenizer.model"));
    }

    private static NUnit.Framework.Constraints.ContainsConstraint Refused(params string[] named) =>
        Throws.TypeOf<BipeException>().With.Message.Contains(named[0]).And.Message.Contains(named[^1]);

    private void Put(string name, ReadOnlySpan<byte> content) => File.WriteAllBytes(Path.Combine(_folder, name), content.ToArray());
}

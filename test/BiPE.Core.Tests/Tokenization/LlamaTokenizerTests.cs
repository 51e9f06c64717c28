using System.Text.Json;
using BiPE.Core.Tokenization;
using BiPE.Testing;

namespace BiPE.Core.Tests.Tokenization;

/// <summary>The LLaMA tokenizer against ids that SentencePiece gave.</summary>
public sealed class LlamaTokenizerTests
{
    private ITokenizer _tokenizer = null!;
    private JsonElement _cases;

    [OneTimeSetUp]
    public void Open()
    {
        _tokenizer = TokenizerFolder.Open(Path.GetDirectoryName(TestFiles.RequireShared("tokenizers", "llama", "tokenizer.model"))!);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(TestFiles.RequireShared("golden", "tokenizer_cases.json")));
        _cases = document.RootElement.Clone();
    }

    [Test]
    public void IdsAreSentencePieces()
    {
        JsonElement[] cases = [.. _cases.GetProperty("encode").EnumerateArray()];
        Assert.That(cases, Has.Length.EqualTo(224));
        using (Assert.EnterMultipleScope())
        {
            foreach (JsonElement entry in cases)
            {
                string text = entry.GetProperty("text").GetString()!;
                int[] ids = Ids(entry.GetProperty("ids"));
                Assert.That(EncodeWithBegin(text), Is.EqualTo(ids), text);
                Assert.That(_tokenizer.Decode(ids), Is.EqualTo(text.Replace('\u2581', ' ')), "decoded");
            }
        }
    }

    [Test]
    public void SpellingsOfSpecialTokensArePlainText()
    {
        JsonElement[] cases = [.. _cases.GetProperty("special_text").GetProperty("cases").EnumerateArray()];
        Assert.That(cases, Has.Length.EqualTo(15));
        using (Assert.EnterMultipleScope())
        {
            foreach (JsonElement entry in cases)
            {
                string text = entry.GetProperty("text").GetString()!;
                Assert.That(EncodeWithBegin(text), Is.EqualTo(Ids(entry.GetProperty("sentencepiece"))), text);
            }
        }
    }

    [Test]
    public void SeparatorExamplesHaveTheirPieces()
    {
        JsonElement[] cases = [.. _cases.GetProperty("separators").GetProperty("examples").EnumerateArray()];
        Assert.That(cases, Has.Length.EqualTo(22));
        using (Assert.EnterMultipleScope())
        {
            foreach (JsonElement entry in cases)
            {
                List<int> ids = EncodeWithBegin(entry.GetProperty("text").GetString()!);
                Assert.That(ids, Is.EqualTo(Ids(entry.GetProperty("ids"))));
                IEnumerable<string?> pieces = entry.GetProperty("pieces").EnumerateArray().Select(piece => piece.GetString());
                Assert.That(ids.Select(_tokenizer.Piece), Is.EqualTo(pieces));
            }
        }
    }

    [Test]
    public void DecodingIsThatOfTheTokenizersLibrary()
    {
        JsonElement[] cases = [.. _cases.GetProperty("decode").GetProperty("cases").EnumerateArray()];
        Assert.That(cases, Has.Length.EqualTo(27));
        using (Assert.EnterMultipleScope())
        {
            foreach (JsonElement entry in cases)
            {
                int[] ids = Ids(entry.GetProperty("ids"));
                Assert.That(_tokenizer.Decode(ids), Is.EqualTo(entry.GetProperty("text").GetString()), string.Join(' ', ids));
            }
        }
    }

    // The index says how many tokens SentencePiece made of each document.
    [Test]
    public void WholeDocumentsHaveSentencePiecesNumberOfIdsAndComeBack()
    {
        string[] index = File.ReadAllLines(TestFiles.RequireShared("data", "sample.index.tsv"));
        using var stream = new ZstdSharp.DecompressionStream(File.OpenRead(TestFiles.RequireShared("data", "sample.jsonl.zst")));
        using var reader = new StreamReader(stream);
        int column = Array.IndexOf(index[0].Split('\t'), "tokens");
        for (int line = 1; line < index.Length; line++)
        {
            using JsonDocument record = JsonDocument.Parse(reader.ReadLine()!);
            string text = record.RootElement.GetProperty("text").GetString()!;
            List<int> ids = _tokenizer.Encode(text);
            Assert.That(ids, Has.Count.EqualTo(int.Parse(index[line].Split('\t')[column])), $"document {line}");
            Assert.That(_tokenizer.Decode(ids.ToArray()), Is.EqualTo(text));
        }
    }

    [Test]
    public void TheSmallTokenizerOfStoriesLoadsAndRoundTrips()
    {
        ITokenizer stories = TokenizerFolder.Open(TestFiles.RequireShared("models", "stories260K", "tokenizer.model"));
        Assert.That(stories.VocabularySize, Is.EqualTo(512));
        Assert.That(stories.Decode(stories.Encode("Once upon a time,  there was a girl.\n“é”").ToArray()),
            Is.EqualTo("Once upon a time, there was a girl.\n“é”"), "it removes extra spaces");
    }

    private List<int> EncodeWithBegin(string text)
    {
        List<int> ids = _tokenizer.AddsBeginOfSentence ? [_tokenizer.BeginOfSentence] : [];
        _tokenizer.Encode(text, ids);
        return ids;
    }

    private static int[] Ids(JsonElement array) => [.. array.EnumerateArray().Select(id => id.GetInt32())];
}

using System.Text.Json;

namespace BiPE.Cli.Tests.Commands;

internal sealed class DataInspectTests : CommandTests
{
    /// <summary>Bytes and the token that opens a document: 4 and 7 tokens of X, 3 of Y.</summary>
    private const string Corpus =
        """
        {"text": "a.b", "meta": {"pile_set_name": "X"}}
        {"text": "c\n", "meta": {"pile_set_name": "Y"}}
        {"text": "d.e.é", "meta": {"pile_set_name": "X"}}
        """;

    [Test]
    public void TextIsCountedBySetSeparatorsAndBlockSize()
    {
        string corpus = Write("a.jsonl", Corpus);
        JsonElement report = Inspect(corpus, "--block-size", "4,100", "--trained-range", "2", "--separators", "sentence", "10", "--json").Json;

        Assert.That(report.GetProperty("separators").EnumerateArray().Select(set => set.GetProperty("name").GetString()), Is.EqualTo(new[] { "sentence", "10" }));
        JsonElement[] sets = [.. report.GetProperty("sets").EnumerateArray()];
        Assert.That(sets.Select(set => set.GetProperty("name").GetString()), Is.EqualTo(new[] { "X", "Y", "all" }));
        Assert.That(sets.Select(set => set.GetProperty("tokens").GetInt64()), Is.EqualTo(new[] { 11, 3, 14 }));
        Assert.That(sets.Select(set => set.GetProperty("textBytes").GetInt64()), Is.EqualTo(new[] { 9, 2, 11 }));

        // X is (bos a .) (b) | (bos d .) (e .) (é é), in blocks bos a . b | bos d . e | . é é and a rest of no whole block.
        JsonElement segments = sets[0].GetProperty("segments")[0];
        JsonElement blocks = segments.GetProperty("blocks")[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(segments.GetProperty("lengths").GetProperty("count").GetInt64(), Is.EqualTo(5));
            Assert.That(segments.GetProperty("lengths").GetProperty("longest").GetInt64(), Is.EqualTo(3));
            Assert.That(segments.GetProperty("longSegments").GetProperty("tokenShare").GetDouble(), Is.EqualTo(6 / 11.0).Within(1e-12));
            Assert.That(segments.GetProperty("longSegments").GetProperty("clippedShare").GetDouble(), Is.EqualTo(2 / 11.0).Within(1e-12));
            Assert.That(blocks.GetProperty("blocks").GetInt64(), Is.EqualTo(2));
            Assert.That(blocks.GetProperty("segmentsPerBlock").GetProperty("median").GetInt64(), Is.EqualTo(2));
            Assert.That(segments.GetProperty("blocks")[1].GetProperty("segmentsPerBlock").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(segments.ToString(), Does.Not.Contain("histogram"));
        }
    }

    [Test]
    public void FiguresAndHistogramsAreSaved()
    {
        string corpus = Write("a.jsonl", Corpus);
        BipeOutcome outcome = Inspect(corpus, "--block-size", "4,1000", "--out", PathOf("out")).RequireSuccess();

        string[] figures = ["blocks-reference", "blocks-sentence", "blocks-newline", "long-segments"];
        Assert.That(
            Directory.GetFiles(PathOf("out")).Select(Path.GetFileName),
            Is.EquivalentTo([.. figures.SelectMany(figure => new[] { $"{figure}.png", $"{figure}.svg" }), "report.json"]));
        foreach (string figure in figures)
        {
            Assert.That(new FileInfo(PathOf($"out/{figure}.png")), Has.Length.GreaterThan(5000));
            Assert.That(File.ReadAllText(PathOf($"out/{figure}.svg")), Does.Contain("<svg").And.EndsWith("</svg>\n"));
        }

        JsonElement lengths = JsonElement.Parse(File.ReadAllText(PathOf("out/report.json"))).GetProperty("sets")[0].GetProperty("documentLengths");
        Assert.That(lengths.GetProperty("histogram").ToString(), Is.EqualTo("[[4,1],[7,1]]"));
        Assert.That(outcome.Lines[1..], Has.All.Length.LessThanOrEqualTo(80));
    }

    [Test]
    public void ShardsCountAsTheirTextAndMayBeSeveral()
    {
        string corpus = Write("a.jsonl", Corpus);
        Tokenize(corpus, "x", "X");
        Tokenize(corpus, "y", "Y");
        JsonElement text = Inspect(corpus, "--json").Json;
        JsonElement shards = Bipe.Run("data", "inspect", "--data", PathOf("x"), PathOf("y"), "--json").Json;

        Assert.That(shards.GetProperty("sets")[0].ToString(), Is.EqualTo(text.GetProperty("sets")[0].ToString()));
        Assert.That(shards.GetProperty("sets")[1].ToString(), Is.EqualTo(text.GetProperty("sets")[1].ToString()));
        Assert.That(shards.GetProperty("shards").GetArrayLength(), Is.EqualTo(2));
    }

    [Test]
    public void ACutShardSaysWhyItsBytesAreMissing()
    {
        Tokenize(Write("a.jsonl", Corpus), "x", "X");
        BipeOutcome outcome = Bipe.Run("data", "inspect", "--data", PathOf("x"), "--max-tokens", "2").RequireSuccess();

        Assert.That(outcome.Output, Does.Contain("Bytes are left out: a token shard knows the bytes of all its text only"));
    }

    [Test]
    public void MistakesAreNamed()
    {
        string corpus = Write("a.jsonl", Corpus);
        Tokenize(corpus, "x", "X");

        Bipe.Run("data", "inspect", "--data", corpus).RequireError(1, "a.jsonl", "--tokenizer");
        Bipe.Run("data", "inspect", "--data", corpus, PathOf("x")).RequireError(1, "token shard", "a.jsonl");
        Bipe.Run("data", "inspect", "--data", PathOf("x"), "--set", "X").RequireError(1, "--set");
        Inspect(corpus, "--verify").RequireError(1, "--verify");
        Inspect(corpus, "--separators", "264").RequireError(1, "264", "0 .. 263");
        Inspect(corpus, "--separators", "commas").RequireError(1, "commas", "newline");
        Inspect(corpus, "--block-size", "1024,0").RequireError(2, "1024,0", "at least 1");
        Inspect(corpus, "--out", corpus).RequireError(1, "a.jsonl");
    }

    private static BipeOutcome Inspect(string corpus, params string[] options) =>
        Bipe.Run(["data", "inspect", "--data", corpus, "--tokenizer", "bytes", .. options]);

    private void Tokenize(string corpus, string output, string set) => Bipe.Run(
        "data", "tokenize", "--data", corpus, "--tokenizer", "bytes", "--output", PathOf(output), "--set", set).RequireSuccess();
}

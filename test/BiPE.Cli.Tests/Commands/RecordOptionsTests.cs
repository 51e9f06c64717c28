using System.Text.Json;

namespace BiPE.Cli.Tests.Commands;

/// <summary>Which records a command takes, and from which fields.</summary>
internal sealed class RecordOptionsTests : CommandTests
{
    private string Corpus => PathOf("a.jsonl");

    [SetUp]
    public void WriteCorpus() => Write("a.jsonl", string.Concat(Enumerable.Range(0, 60).Select(i =>
        $"{{\"doc\": {{\"body\": \"text number {i}\", \"kind\": \"{(i % 3 == 0 ? "news" : "forum")}\"}}}}\n")));

    [Test]
    public void TheThreePartsOfASplitMakeTheWhole()
    {
        long[] counts = [.. new[] { "train", "validation", "test" }.Select(part => Index(
            part, "--text-field", "doc.body", "--split", part, "--split-shares", "0.5,0.3,0.2", "--split-seed", "7").GetProperty("documentCount").GetInt64())];

        Assert.That(counts, Is.All.GreaterThan(5));
        Assert.That(counts.Sum(), Is.EqualTo(60));
        Assert.That(Index("most", "--text-field", "doc.body", "--split", "TRAIN").GetProperty("documentCount").GetInt64(), Is.InRange(54, 60));
    }

    [Test]
    public void FieldsSetsAndLengthsAreChosen()
    {
        JsonElement index = Index("tokens", "--text-field", "doc.body", "--set-field", "doc.kind", "--set", "NEWS", "--min-length", "14", "--max-length", "14");

        Assert.That(index.GetProperty("documentCount").GetInt64(), Is.EqualTo(16), "of 12, 15 .. 57");
        Assert.That(index.GetProperty("sets").EnumerateObject().Single().Name, Is.EqualTo("news"));
    }

    [Test]
    public void InspectingTakesTheSameOptions()
    {
        JsonElement report = Bipe.Run(
            "data", "inspect", "--data", Corpus, "--tokenizer", "bytes", "--text-field", "doc.body", "--set-field", "doc.kind", "--max-length", "13", "--json").Json;

        Assert.That(report.GetProperty("sets").EnumerateArray().Select(set => set.GetProperty("documents").GetInt64()), Is.EqualTo(new[] { 6, 4, 10 }));
    }

    [Test]
    public void WhatTakesNothingOrMeansNothingIsRefused()
    {
        Tokenize("none", "--text-field", "doc.body", "--min-length", "1MB").RequireError(1, "60 were read", "shorter than 1,000,000 bytes");
        Tokenize("none", "--text-field", "body").RequireError(1, "no \"body\"", "--text-field");
        Tokenize("none", "--split", "train", "--split-shares", "0.5,0.3,0.3").RequireError(1, "which make 1.1");
        Tokenize("none", "--split", "train", "--split-shares", "0.5,0.5").RequireError(2, "--split-shares is '0.5,0.5'");
        Tokenize("none", "--split", "dev").RequireError(2, "--split is 'dev'", "validation");
        Tokenize("none", "--split-seed", "5").RequireError(2, "'--split-seed'", "'--split'");
        Assert.That(Entries, Is.EquivalentTo(["a.jsonl"]));
    }

    [Test]
    public void TokenShardsHaveNoRecordsToChooseFrom()
    {
        Index("tokens", "--text-field", "doc.body");

        Bipe.Run("data", "inspect", "--data", PathOf("tokens"), "--min-length", "5", "--split", "test")
            .RequireError(1, "token shard", "--min-length, --split");
        Bipe.Run("data", "inspect", "--data", PathOf("tokens"), "--broken-lines", "skip").RequireError(1, "token shard", "leave out --broken-lines");
        Bipe.Run("data", "inspect", "--data", PathOf("tokens"), "--json").RequireSuccess();
        Bipe.Run("data", "tokenize", "--dotnet-docs", "--split", "train", "--tokenizer", "bytes", "--output", PathOf("none"))
            .RequireError(1, "taken whole", "--split");
    }

    private BipeOutcome Tokenize(string output, params string[] options) =>
        Bipe.Run(["data", "tokenize", "--data", Corpus, "--tokenizer", "bytes", "--output", PathOf(output), .. options]);

    private JsonElement Index(string output, params string[] options) => Tokenize(output, [.. options, "--json"]).Json.GetProperty("index");
}

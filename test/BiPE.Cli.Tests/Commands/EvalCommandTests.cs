using System.Text.Json;
using BiPE.Core.Checkpoints;
using BiPE.Core.Data;
using BiPE.Core.Evaluation;
using BiPE.Core.Model;
using BiPE.Core.Tokenization;
using BiPE.Testing;

namespace BiPE.Cli.Tests.Commands;

internal sealed class EvalCommandTests : CommandTests
{
    private const string Text = "A sentence about nothing. Another one, which is longer!\nAnd a last line.";

    [Test]
    public void PerplexitiesAreThoseOfTheReferenceBackend()
    {
        string model = TinyModel.Save(PathOf("bipe"));
        string other = TinyModel.Save(PathOf("alibi"), "alibi");
        string text = Write("text.txt", Text);
        JsonElement result = Bipe.Run("eval", "--model", model, other, "--data", text, "--block-size", "16,40", "--backend", "cpu", "--json", "-").Json;
        JsonElement[] models = [.. result.GetProperty("models").EnumerateArray()];

        Assert.That(models, Has.Length.EqualTo(2));
        Assert.That(result.GetProperty("protocol").GetString(), Is.EqualTo("exact"));
        foreach ((JsonElement found, string folder) in models.Zip([model, other]))
        {
            Assert.That(found.GetProperty("tokens").GetInt64(), Is.EqualTo(Text.Length + 1));
            foreach (JsonElement block in found.GetProperty("results").EnumerateArray())
            {
                PerplexityResult expected = Evaluate(folder, block.GetProperty("blockSize").GetInt32(), new ExactProtocol());
                Assert.That(block.GetProperty("perplexity").GetDouble(), Is.EqualTo(expected.Perplexity).Within(0.01).Percent);
                Assert.That(block.GetProperty("scoredTokens").GetInt64(), Is.EqualTo(expected.ScoredTokens));
            }
        }
    }

    [Test]
    public void TextAndItsShardGiveTheSameTable()
    {
        string model = TinyModel.Save(PathOf("model"));
        string text = Write("text.txt", Text);
        Bipe.Run("data", "tokenize", "--data", text, "--tokenizer", model, "--output", PathOf("tokens")).RequireSuccess();
        string[] fromText = Table(text, "--json", PathOf("result.json"));
        string[] fromShard = Table(PathOf("tokens"), "--batch-tokens", "16");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(fromText, Has.Length.EqualTo(5));
            Assert.That(fromText[1], Does.Contain("| block size").And.Contain("model"));
            Assert.That(fromShard, Is.EqualTo(fromText));
            Assert.That(JsonElement.Parse(File.ReadAllText(PathOf("result.json"))).GetProperty("models").GetArrayLength(), Is.EqualTo(1));
            Assert.That(Entries, Has.None.Contains(".tmp"));
        }

        string[] Table(string data, params string[] more) =>
            Bipe.Run(["eval", "--model", model, "--data", data, "--block-size", "8,16", "--protocol", "reference", "--backend", "cpu", .. more])
                .RequireSuccess().Lines;
    }

    [Test]
    public void SeparatorsNamedByTextSplitASetSoNamed()
    {
        string model = TinyModel.Save(PathOf("model"));
        ModelConfigWriter.Write(model, ModelConfigReader.Read(model) with
        {
            Segmenter = new SegmenterConfig { Set = "newline" },
            NamedSegmenters = new Dictionary<string, SegmenterConfig> { ["words"] = new() { Texts = [" "] } },
        });
        string text = Write("text.txt", Text);
        double named = Perplexity($"words={text}");
        Assert.That(named, Is.EqualTo(Perplexity($"other={text}", "--separators", "other=32")));
        Assert.That(named, Is.Not.EqualTo(Perplexity($"other={text}")));

        double Perplexity(params string[] data) => Bipe.Run(["eval", "--model", model, "--block-size", "40", "--backend", "cpu", "--json", "-", "--data", .. data])
            .Json.GetProperty("models")[0].GetProperty("results")[0].GetProperty("perplexity").GetDouble();
    }

    [Test]
    public void WeightsInBFloat16AreAnEvaluationOfTheirOwn()
    {
        string model = TinyModel.Save(PathOf("model"));
        string text = Write("text.txt", Text);
        double exact = Perplexity("float32");
        double rounded = Perplexity("bfloat16");
        Assert.That(rounded, Is.Not.EqualTo(exact).And.EqualTo(exact).Within(1).Percent);
        Assert.That(
            File.ReadAllText(PathOf("results.jsonl")), Does.Contain("\"Float32\"").And.Contain("\"Float32, weights BFloat16\""));

        double Perplexity(string type) => Bipe.Run(
                "eval", "--model", model, "--data", text, "--block-size", "16", "--backend", "cpu", "--dtype", type, "--results", PathOf("results.jsonl"), "--json", "-")
            .Json.GetProperty("models")[0].GetProperty("results")[0].GetProperty("perplexity").GetDouble();
    }

    [Test]
    public void TextBeyondTheTokensWantedIsNotScored()
    {
        string model = TinyModel.Save(PathOf("model"));
        string corpus = Write("text.jsonl", string.Concat(Enumerable.Repeat(JsonSerializer.Serialize(new { text = Text }) + "\n", 20)));
        JsonElement result = Bipe.Run(
            "eval", "--model", model, "--data", corpus, "--block-size", "16", "--max-tokens", "64", "--backend", "cpu", "--json", "-").Json.GetProperty("models")[0];

        Assert.That(result.GetProperty("results")[0].GetProperty("blocks").GetInt32(), Is.EqualTo(4));
        Assert.That(result.GetProperty("documents").GetInt64(), Is.LessThan(20), "the rest was not read");
    }

    [Test]
    public void TheLargestNumberOfTokensMeansAllOfThem()
    {
        string model = TinyModel.Save(PathOf("model"));
        string corpus = Write("text.jsonl", string.Concat(Enumerable.Repeat(JsonSerializer.Serialize(new { text = Text }) + "\n", 20)));
        JsonElement result = Evaluate(model, corpus, "16", "--max-tokens", $"{long.MaxValue}", "--json").Json.GetProperty("models")[0];

        Assert.That(result.GetProperty("documents").GetInt64(), Is.EqualTo(20));
    }

    [Test]
    public void AFileThatCannotBeWrittenIsRefusedBeforeTheWork()
    {
        string model = TinyModel.Save(PathOf("model"));
        string text = Write("text.txt", Text);
        foreach (string option in (string[])["--json", "--csv"])
        {
            Evaluate(model, text, "16", option, Path.Combine(text, "below.json"), "--results", PathOf("results.jsonl")).RequireError(1, "Cannot write", "below.json");
        }

        Assert.That(PathOf("results.jsonl"), Does.Not.Exist);
    }

    [Test]
    [Platform("Linux")]
    public void WhatIsWrittenToStandardOutputComesBeforeAFileThatFails()
    {
        Assume.That("/dev/full", Does.Exist);
        BipeOutcome outcome = Evaluate(TinyModel.Save(PathOf("model")), Write("text.txt", Text), "16", "--csv", "/dev/full", "--json");

        Assert.That(outcome.ExitCode, Is.EqualTo(1));
        Assert.That(outcome.Error, Does.Contain("Cannot write '/dev/full'"));
        Assert.That(JsonElement.Parse(outcome.Output).GetProperty("models").GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public void WhatDoesNotFitIsRefused()
    {
        string model = TinyModel.Save(PathOf("model"));
        string bare = TinyModel.Save(PathOf("bare"), hasTokenizer: false);
        string text = Write("text.txt", Text);
        Bipe.Run("data", "tokenize", "--data", text, "--tokenizer", "bytes", "--output", PathOf("tokens")).RequireSuccess();

        Evaluate(PathOf("missing"), text, "16").RequireError(1, "missing");
        Evaluate(bare, text, "16").RequireError(1, "bare", "tokenizer.model");
        Evaluate(bare, PathOf("tokens"), "16").RequireSuccess();
        Evaluate(model, PathOf("missing.txt"), "16").RequireError(1, "missing.txt");
        Evaluate(model, text, "1000", "--protocol", "reference").RequireError(1, "too few", "1000");
        Evaluate(model, PathOf("tokens"), "16", "--set", "pg19").RequireError(1, "--set");
        Evaluate(model, PathOf("tokens"), "16", "--broken-lines", "refuse").RequireError(1, "token shard", "--broken-lines");
        Evaluate(model, $"a={PathOf("tokens")}", "16", "--data", $"b={text}", "--broken-lines", "refuse").RequireSuccess();
        Evaluate(model, text, "16", "--dotnet-docs").RequireError(2, "exclude each other");
        Evaluate(model, text, "16", "--json", Folder).RequireError(1, "it is a folder");
    }

    [Test]
    public void DamagedWeightsAreRefused()
    {
        string model = TinyModel.Save(PathOf("model"));
        string text = Write("text.txt", Text);
        string weights = Path.Combine(model, "model.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);

        File.WriteAllBytes(weights, bytes[..(bytes.Length / 2)]);
        Evaluate(model, text, "16").RequireError(1, "model.safetensors");
        File.WriteAllBytes(weights, [.. bytes[..7], 0x7F, .. bytes[8..]]);
        Evaluate(model, text, "16").RequireError(1, "model.safetensors");

        // Not a number, in every weight of the second half.
        bytes.AsSpan(bytes.Length / 2).Fill(0xFF);
        File.WriteAllBytes(weights, bytes);
        Evaluate(model, text, "16").RequireError(1, "NaN", "check the checkpoint");
    }

    [Test]
    public void TheBackendIsToldAndRefusedWithAReason()
    {
        string model = TinyModel.Save(PathOf("model"));
        string text = Write("text.txt", Text);
        BipeOutcome automatic = Bipe.Run("eval", "--model", model, "--data", text, "--block-size", "16", "--threads", "1").RequireSuccess();
        Assert.That(automatic.Error, Does.StartWith("Computing with "));

        JsonElement cuda = Bipe.Run("info", "--json").Json.GetProperty("backends").EnumerateArray()
            .Single(backend => backend.GetProperty("name").GetString() == "cuda");
        if (!cuda.GetProperty("isAvailable").GetBoolean())
        {
            Bipe.Run("eval", "--model", model, "--data", text, "--block-size", "16", "--backend", "cuda")
                .RequireError(1, "'cuda'", cuda.GetProperty("description").GetString()!);
        }
    }

    private static BipeOutcome Evaluate(string model, string data, string blockSize, params string[] more) =>
        Bipe.Run(["eval", "--model", model, "--data", data, "--block-size", blockSize, "--backend", "cpu", .. more]);

    private static PerplexityResult Evaluate(string folder, int blockSize, IBlockProtocol protocol)
    {
        using var backend = new ReferenceBackend();
        using LanguageModel model = HuggingFaceFolder.Load(backend, folder);
        var tokenizer = new ByteTokenizer();
        var tokens = new List<int> { tokenizer.BeginOfSentence };
        tokenizer.Encode(Text, tokens);
        return new PerplexityEvaluator(model).Evaluate(new DocumentArray([.. tokens], [0]), blockSize, protocol);
    }
}

using System.Diagnostics;
using System.Text.Json;
using BiPE.Core.Evaluation.Results;

namespace BiPE.Cli.Tests.Commands;

/// <summary>Several models, sets and block sizes in one <c>bipe eval</c>, and the results it keeps.</summary>
internal sealed class EvalCurveTests : CommandTests
{
    private static readonly string[] Documents = [.. Enumerable.Range(0, 12).Select(i => $"Document {i} says that {i * 7 % 10} is not {i * 3 % 10}. {new string((char)('a' + i), 20 + i)}\nThe end.")];

    [Test]
    public void ModelsSetsAndBlockSizesAreAllEvaluatedAndToldAlike()
    {
        string[] models = [TinyModel.Save(PathOf("bipe")), TinyModel.Save(PathOf("alibi"), "alibi")];
        string first = Corpus("first.jsonl", Documents);
        string second = Corpus("second.jsonl", Documents[..3]);
        BipeOutcome outcome = Eval(
            models, [$"one={first}", $"two={second}"], "--block-size", "8,32", "--markdown", "--per-position", "--csv", PathOf("out.csv"), "--json", PathOf("out.json"));
        outcome.RequireSuccess();
        JsonElement[] found = [.. JsonElement.Parse(File.ReadAllText(PathOf("out.json"))).GetProperty("models").EnumerateArray()];
        string[][] csv = [.. File.ReadAllLines(PathOf("out.csv")).Select(line => line.Split(','))];
        string[] markdown = [.. outcome.Lines.Skip(2).Take(8)];

        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.Select(model => $"{Path.GetFileName(model.GetProperty("model").GetString())} {model.GetProperty("set")}"), Is.EqualTo(new[] { "bipe one", "bipe two", "alibi one", "alibi two" }));
            Assert.That(csv, Has.Length.EqualTo(9));
            Assert.That(File.ReadAllLines(PathOf("out.csv.positions.csv")), Has.Length.GreaterThan(100));
            Assert.That(outcome.Lines[0], Does.Contain("95% interval").And.Contain("bits per byte").And.Contain("peak memory"));
            Assert.That(outcome.Error, Does.Contain("Intervals of only 3 documents"));
        }

        int row = 0;
        foreach (JsonElement result in found.SelectMany(model => model.GetProperty("results").EnumerateArray()))
        {
            double perplexity = result.GetProperty("perplexity").GetDouble();
            string[] cells = csv[row + 1];
            Assert.That(double.Parse(cells[Array.IndexOf(csv[0], "perplexity")]), Is.EqualTo(perplexity));
            Assert.That(markdown[row], Does.Contain($" {perplexity:F4} "));
            Assert.That(perplexity, Is.InRange(result.GetProperty("perplexityLow").GetDouble(), result.GetProperty("perplexityHigh").GetDouble()));
            Assert.That(result.GetProperty("positions").GetArrayLength(), Is.GreaterThan(5));

            // All losses in bits over the bytes: a token of this tokenizer is a byte, and the begin of each document none.
            Assert.That(result.GetProperty("scoredBytes").GetInt64(), Is.LessThan(result.GetProperty("scoredTokens").GetInt64()));
            row++;
        }
    }

    [Test]
    public void NothingIsComputedTwice()
    {
        string model = TinyModel.Save(PathOf("model"));
        string text = Corpus("text.jsonl", Documents);
        string[] kept = ["--results", PathOf("results.jsonl")];
        string whole = Json(Eval([model], [text], "--block-size", "8,16", "--json", "-"));
        Assert.That(Json(Eval([model], [text], ["--block-size", "8", "--json", "-", .. kept])), Is.Not.Empty);
        BipeOutcome second = Eval([model], [text], ["--block-size", "8,16", "--json", "-", .. kept]);
        Assert.That(second.Error, Does.Contain("1 of 2 evaluations are in the results file already."));
        BipeOutcome third = Eval([model], [text], ["--block-size", "8,16", "--json", "-", .. kept]);
        Assert.That(third.Error, Does.Contain("2 of 2"));
        Assert.That(new[] { Json(second), Json(third) }, Is.All.EqualTo(whole));
        Assert.That(ResultsFile.Read(PathOf("results.jsonl")).Records, Has.Count.EqualTo(2));

        // Other weights, another text, another protocol: other evaluations.
        string other = TinyModel.Save(PathOf("other"), "rope");
        Assert.That(Eval([other], [text], ["--block-size", "8", .. kept]).RequireSuccess().Error, Does.Not.Contain("already"));
        Assert.That(Eval([model], [Corpus("more.jsonl", [.. Documents, "more"])], ["--block-size", "8", .. kept]).RequireSuccess().Error, Does.Not.Contain("already"));
        Assert.That(Eval([model], [text], ["--block-size", "8", "--protocol", "sliding", .. kept]).RequireSuccess().Error, Does.Not.Contain("already"));

        // Seconds and memory differ from run to run.
        static string Json(BipeOutcome outcome) => string.Join(' ', outcome.Json.GetProperty("models")[0].GetProperty("results").EnumerateArray()
            .Select(result => $"{result.GetProperty("perplexity")} {result.GetProperty("perplexityLow")} {result.GetProperty("bitsPerByte")}"));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Signals are sent with kill.")]
    public void AnInterruptedEvaluationGoesOnBehindWhatItKept()
    {
        string model = TinyModel.Save(PathOf("model"));
        string text = Corpus("text.jsonl", [.. Enumerable.Repeat(string.Concat(Documents), 600)]);
        StoredResults kept = Interrupted(PathOf("results.jsonl"));
        Assert.That(kept.Records, Is.Empty);

        // With losses that no model gives, what is computed again differs from what was kept.
        using (ResultsWriter writer = ResultsWriter.Open(PathOf("marked.jsonl")))
        {
            foreach (EvaluationPart part in kept.Parts)
            {
                writer.Append(part with { Shares = part.Shares with { Loss = [.. part.Shares.Loss.Select(loss => loss + 1000)] } });
            }
        }

        EvaluationRecord whole = Finished(PathOf("whole.jsonl"));
        EvaluationRecord resumed = Finished(PathOf("marked.jsonl"));
        int keptRows = kept.Parts.Sum(part => part.Shares.Loss.Count);
        Assert.That(keptRows, Is.InRange(1, whole.Shares.Loss.Count - 1));
        Assert.That(resumed.Shares.Loss, Is.EqualTo(whole.Shares.Loss.Select((loss, row) => row < keptRows ? loss + 1000 : loss)));
        Assert.That(resumed.Shares.Tokens, Is.EqualTo(whole.Shares.Tokens));

        string[] Arguments(string results) =>
            ["eval", "--model", model, "--data", text, "--block-size", "64", "--backend", "cpu", "--threads", "1", "--batch-tokens", "512", "--results", results];

        StoredResults Interrupted(string results)
        {
            // On a slow machine nothing may have been scored yet; the next try goes on.
            for (int milliseconds = 300; milliseconds < 10_000; milliseconds *= 2)
            {
                using Process process = BipeProcess.Start(Arguments(results));
                TinyTraining.WaitUntil(process, () => File.Exists($"{results}.lock"));
                Thread.Sleep(milliseconds);
                BipeProcess.Interrupt(process);
                Assert.That(process.ExitCode, Is.EqualTo(130));
                Assert.That(process.StandardError.ReadToEnd(), Does.Contain("the same command goes on from there"));
                if (ResultsFile.Read(results) is { Parts.Count: > 0 } stored)
                {
                    return stored;
                }
            }

            throw new AssertionException("Nothing was scored in time.");
        }

        EvaluationRecord Finished(string results)
        {
            Bipe.Run(Arguments(results)).RequireSuccess();
            return ResultsFile.Read(results).Records.Single();
        }
    }

    [Test]
    public void SlidingAndLastAreProtocolsWithOptionsOfTheirOwn()
    {
        string model = TinyModel.Save(PathOf("model"));
        string text = Corpus("text.jsonl", Documents);
        JsonElement[] last = Results("--block-size", "16,32,48", "--protocol", "last", "--last", "4", "--within-documents");
        Assert.That(last.Select(result => result.GetProperty("scoredTokens").GetInt64()).Distinct().Single(), Is.EqualTo(4 * last[0].GetProperty("blocks").GetInt64()));
        long tokens = Documents.Sum(document => document.Length + 1);
        Assert.That(Results("--block-size", "16", "--protocol", "sliding", "--stride", "4")[0].GetProperty("scoredTokens").GetInt64(), Is.EqualTo(tokens - 1));
        JsonElement chunked = Results("--block-size", "64", "--chunk", "10")[0];
        Assert.That(chunked.GetProperty("meanLoss").GetDouble(), Is.EqualTo(Results("--block-size", "64")[0].GetProperty("meanLoss").GetDouble()).Within(1e-6));
        Eval([model], [text], "--block-size", "16", "--protocol", "sliding", "--stride", "17").RequireError(1, "stride is 17");
        Eval([model], [text], "--block-size", "16,32", "--protocol", "last", "--last", "16").RequireError(1, "no 16 last tokens");
        Eval([model], [$"a={text}", text], "--block-size", "16").RequireError(1, "has no name");

        JsonElement[] Results(params string[] more) =>
            [.. Eval([model], [text], [.. more, "--json", "-"]).Json.GetProperty("models")[0].GetProperty("results").EnumerateArray()];
    }

    private static BipeOutcome Eval(string[] models, string[] data, params string[] more) =>
        Bipe.Run(["eval", "--model", .. models, "--data", .. data, "--backend", "cpu", .. more]);

    private string Corpus(string name, string[] documents) =>
        Write(name, string.Concat(documents.Select(text => JsonSerializer.Serialize(new { text }) + "\n")));
}

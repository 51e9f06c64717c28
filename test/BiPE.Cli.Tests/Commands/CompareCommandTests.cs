using System.Text.Json;
using BiPE.Core.Evaluation;
using BiPE.Core.Evaluation.Results;

namespace BiPE.Cli.Tests.Commands;

internal sealed class CompareCommandTests : CommandTests
{
    [Test]
    public void TheBetterModelIsNamedInBothDirections()
    {
        string first = Save("first.jsonl", "runs/good", "m1", document => 2 + (0.1 * document));
        string second = Save("second.jsonl", "runs/bad", "m2", document => 2.05 + (0.1 * document) + (0.01 * (document % 3)));
        JsonElement forth = Bipe.Run("compare", first, second, "--json", "-").Json.GetProperty("comparisons")[0];
        JsonElement back = Bipe.Run("compare", second, first, "--json").Json.GetProperty("comparisons")[0];

        using (Assert.EnterMultipleScope())
        {
            Assert.That(forth.GetProperty("verdict").GetString(), Is.EqualTo(nameof(ComparisonVerdict.FirstIsBetter)));
            Assert.That(back.GetProperty("verdict").GetString(), Is.EqualTo(nameof(ComparisonVerdict.SecondIsBetter)));
            Assert.That(new[] { forth, back }.Select(comparison => comparison.GetProperty("words").GetString()), Is.All.EqualTo("good is better"));
            Assert.That(forth.GetProperty("difference").GetDouble(), Is.EqualTo(-0.06).Within(0.005));
            Assert.That(back.GetProperty("difference").GetDouble(), Is.EqualTo(-forth.GetProperty("difference").GetDouble()));
            Assert.That(forth.GetProperty("interval").GetProperty("high").GetDouble(), Is.LessThan(0));
            Assert.That(Bipe.Run("compare", first, second).RequireSuccess().Output, Does.Contain("good less bad").And.Contain("good is better"));
        }
    }

    [Test]
    public void ModelsThatCannotBeToldApartAreSaidToBeSo()
    {
        string both = Save("both.jsonl", "runs/a", "m1", document => 2 + (0.1 * document));
        Save("both.jsonl", "runs/b", "m2", document => 2 + (0.1 * document) + (document % 2 == 0 ? 0.1 : -0.1));
        Assert.That(Bipe.Run("compare", both).RequireSuccess().Output, Does.Contain("no difference detected"));
        Assert.That(Bipe.Run("compare", both, "--model", "b", "runs/a").RequireSuccess().Output, Does.Contain("b less a"));
    }

    [Test]
    public void FewDocumentsAreSaidToBeFew()
    {
        string file = Save("few.jsonl", "a", "m1", _ => 2, documents: 3);
        Save("few.jsonl", "b", "m2", _ => 3, documents: 3);
        Assert.That(Bipe.Run("compare", file).RequireSuccess().Output, Does.Contain("a is better, but 3 documents are few"));
        string single = Save("single.jsonl", "a", "m1", _ => 2, documents: 1);
        Save("single.jsonl", "b", "m2", _ => 3, documents: 1);
        Assert.That(Bipe.Run("compare", single).RequireSuccess().Output, Does.Contain("one document is too few to tell"));
    }

    [Test]
    public void OfTwoPrecisionsTheSameIsCompared()
    {
        string first = Save("first.jsonl", "a", "m1", document => 2 + (0.1 * document));
        Save("first.jsonl", "a", "m1", document => 2.2 + (0.1 * document), precision: "BFloat16");
        string second = Save("second.jsonl", "b", "m2", document => 2.5 + (0.1 * document), precision: "BFloat16");
        Save("second.jsonl", "b", "m2", document => 2.1 + (0.1 * document));
        BipeOutcome outcome = Bipe.Run("compare", first, second, "--json", "-");
        JsonElement[] comparisons = [.. outcome.Json.GetProperty("comparisons").EnumerateArray()];
        Assert.That(comparisons.Select(comparison => comparison.GetProperty("firstPrecision").GetString()), Is.EqualTo(new[] { "BFloat16", "Float32" }));
        Assert.That(comparisons.Select(comparison => comparison.GetProperty("secondPrecision").GetString()), Is.EqualTo(new[] { "BFloat16", "Float32" }));
        Assert.That(outcome.Error, Does.Not.Contain("not compared"));
        Assert.That(Bipe.Run("compare", first, second).RequireSuccess().Output, Does.Contain("precision"));
    }

    [Test]
    public void WhatCannotBeComparedIsRefused()
    {
        string a = Save("a.jsonl", "a", "m1", _ => 2);
        string otherText = Save("text.jsonl", "b", "m2", _ => 2, dataHash: "other-hash");
        string three = Save("three.jsonl", "a", "m1", _ => 2);
        Save("three.jsonl", "b", "m2", _ => 2);
        Save("three.jsonl", "c", "m3", _ => 2);

        Bipe.Run("compare", a, otherText).RequireError(1, "no evaluation in common", "set (data-h) exact 16 Float32", "set (other-) exact 16 Float32");
        Bipe.Run("compare", a).RequireError(1, "holds 1 models", "expected 2");
        Bipe.Run("compare", three).RequireError(1, "holds 3 models", "'c'", "--model");
        Bipe.Run("compare", three, "--model", "a", "d").RequireError(1, "No model", "'d'");
        Bipe.Run("compare", three, "--model", "a").RequireError(2, "expected 2");
        Bipe.Run("compare", PathOf("missing.jsonl")).RequireError(1, "missing.jsonl");
        Bipe.Run("compare", Write("notes.txt", "notes\n")).RequireError(1, "line 1");
        Assert.That(Bipe.Run("compare", three, "--model", "c", "b").RequireSuccess().Error, Is.Empty);
    }

    [Test]
    public void AResultsFileIsNotReplacedByAComparison()
    {
        string first = Save("first.jsonl", "a", "m1", _ => 2);
        string second = Save("second.jsonl", "b", "m2", _ => 2);
        byte[] kept = File.ReadAllBytes(first);
        Bipe.Run("compare", "--json", first, second).RequireError(1, "first.jsonl", "results file", "--json the name of another file");
        Bipe.Run("compare", first, second, "--json", first).RequireError(2, "--json would replace", "first.jsonl");
        Assert.That(File.ReadAllBytes(first), Is.EqualTo(kept));
    }

    /// <summary>Appends an evaluation with documents of growing numbers of tokens and these mean losses.</summary>
    private string Save(string name, string model, string modelHash, Func<int, double> loss, int documents = 20, string dataHash = "data-hash", string precision = "Float32")
    {
        int[] numbers = [.. Enumerable.Range(0, documents)];
        double[] losses = [.. numbers.Select(document => (10 + document) * loss(document))];
        double mean = losses.Sum() / numbers.Sum(document => 10 + document);
        var settings = new EvaluationSettings { Protocol = "exact", BlockSize = 16, Precision = precision };
        using ResultsWriter writer = ResultsWriter.Open(PathOf(name));
        writer.Append(new EvaluationRecord
        {
            Key = EvaluationKey.Of(modelHash, dataHash, settings),
            Model = new EvaluatedModel(model, modelHash, "rope", 1, 16),
            Data = new EvaluatedData("set", dataHash, documents, 1000),
            Settings = settings,
            Result = new EvaluationNumbers { Blocks = documents, ScoredTokens = 1, MeanLoss = mean, Perplexity = Math.Exp(mean), Seconds = 1, TokensPerSecond = 1 },
            Finished = DateTimeOffset.UnixEpoch,
            Machine = new EvaluationMachine("1", ".NET", "Linux", "cpu", "cpu"),
            Positions = [],
            Shares = new LossShares(numbers, [.. numbers.Select(number => (long)number)], [.. numbers.Select(document => 10 + document)], losses),
        });
        return PathOf(name);
    }
}

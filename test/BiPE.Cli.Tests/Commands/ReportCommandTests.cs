using System.Globalization;
using System.Xml.Linq;
using BiPE.Cli.Report;
using BiPE.Core.Evaluation.Results;

namespace BiPE.Cli.Tests.Commands;

internal sealed class ReportCommandTests : CommandTests
{
    private const string OddName = "arxiv <long & \"odd\">";

    [Test]
    public void ThePageIsOneWellFormedFileWithEveryNumber()
    {
        string results = Save("results.jsonl");
        string folder = PathOf("report");
        Bipe.Run("report", results, "--out", folder).RequireSuccess();
        string page = File.ReadAllText(Path.Combine(folder, "index.html"));
        Assert.That(page, Does.StartWith("<!DOCTYPE html>\n"));
        XElement root = XElement.Parse(page[page.IndexOf('\n')..]);
        string text = root.Value;
        using (Assert.EnterMultipleScope())
        {
            foreach (EvaluationRecord record in Records())
            {
                string digits = record.Result.Perplexity < 1000 ? "F4" : "F1";
                Assert.That(text, Does.Contain(record.Result.Perplexity.ToString(digits, CultureInfo.InvariantCulture)));
                Assert.That(text, Does.Contain(record.Model.Hash).And.Contain(record.Data.Hash));
            }

            Assert.That(text, Does.Contain(OddName).And.Contain("bipe 1.2.3, .NET"));
            Assert.That(page, Does.Not.Contain("src=").And.Not.Contain("href=").And.Not.Contain("url(").And.Not.Contain("<script"));
            Assert.That(page.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal), Does.Not.Contain("http"));
            Assert.That(root.Descendants().Where(element => element.Name.LocalName == "svg").Count(), Is.EqualTo(4), "two charts a set");
        }
    }

    [Test]
    public void PicturesAreSvgAndPngLightAndDark()
    {
        string folder = PathOf("report");
        Bipe.Run("report", Save("results.jsonl"), "--out", folder).RequireSuccess();
        string[] names = ["perplexity-books", "positions-books", "perplexity-arxiv-long-odd", "positions-arxiv-long-odd"];
        Assert.That(
            Directory.GetFiles(folder).Select(Path.GetFileName),
            Is.EquivalentTo(names.SelectMany(name => new[] { $"{name}.png", $"{name}.svg", $"{name}-dark.png", $"{name}-dark.svg" }).Append("index.html")));
        foreach (string name in names)
        {
            Assert.That(File.ReadAllBytes(Path.Combine(folder, $"{name}.png")).AsSpan(1, 3).SequenceEqual("PNG"u8));
            Assert.That(XElement.Load(Path.Combine(folder, $"{name}-dark.svg")).Attribute("aria-label")!.Value, Does.Contain("rope"));
        }
    }

    [Test]
    public void AnExplodingModelLeavesTheChartWithItsValue()
    {
        string folder = PathOf("report");
        Bipe.Run("report", Save("results.jsonl"), "--out", folder).RequireSuccess();
        XElement chart = XElement.Load(Path.Combine(folder, "perplexity-books.svg"));
        string[] texts = [.. chart.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];
        Assert.That(texts, Does.Contain("8,103").And.Contain("trained at 64").And.Contain("bipe_rope"));
        Assert.That(texts, Does.Not.Contain("5,000").And.Not.Contain("10,000"), "the axis is for the others");
    }

    [Test]
    public void WaysOfEvaluatingHaveChartsOfTheirOwn()
    {
        EvaluationRecord[] books = [.. Records().Where(record => record.Data.Name == "books")];
        EvaluationRecord[] other =
        [
            .. books,
            .. books.Select(record => record with { Key = $"{record.Key} most", Settings = record.Settings with { MaximumTokens = 2000 } }),
            .. books.Select(record => record with { Key = $"{record.Key} half", Settings = record.Settings with { Precision = "BFloat16" } }),
            .. books.Select(record => record with { Key = $"{record.Key} again", Model = record.Model with { Hash = "trained again" } }),
        ];
        var charts = EvaluationCharts.Of(other);
        Assert.That(charts.Select(section => section.Heading), Is.EqualTo(new[] { "books, all tokens, Float32", "books, first 2,000 tokens, Float32", "books, all tokens, BFloat16" }));
        foreach (var section in charts)
        {
            foreach (ChartSeries series in section.Charts[0].Chart.Series)
            {
                Assert.That(series.Points.Select(sample => sample.X), Is.EqualTo(new double[] { 64, 128, 256 }));
            }
        }
    }

    [Test]
    public void OnlyChosenModelsAreShown()
    {
        string folder = PathOf("report");
        Bipe.Run("report", Save("results.jsonl"), "--model", "bipe_rope", "--out", folder).RequireSuccess();
        string page = File.ReadAllText(Path.Combine(folder, "index.html"));
        Assert.That(page, Does.Contain("bipe_rope").And.Not.Contain("runs/rope"));
        Bipe.Run("report", Save("results.jsonl"), "--model", "nobody", "--out", folder).RequireError(1, "nobody", "runs/rope");
    }

    [Test]
    public void WhatCannotBeReportedIsRefused()
    {
        string results = Save("results.jsonl");
        Bipe.Run("report", results, "--out", results).RequireError(1, "it is a file", "--out");
        string empty = Write("empty.jsonl", "");
        Bipe.Run("report", empty, "--out", PathOf("report")).RequireError(1, "holds no finished evaluation");
        Bipe.Run("report", PathOf("nowhere"), "--out", PathOf("report")).RequireError(1, "Cannot read");
        Bipe.Run("report", Write("broken.jsonl", "{}\n"), "--out", PathOf("report")).RequireError(1, "line 1");
        Assert.That(Directory.Exists(PathOf("report")), Is.False);
    }

    private static IEnumerable<EvaluationRecord> Records()
    {
        foreach ((int model, string name) in new[] { "runs/rope", "runs/bipe_rope" }.Index())
        {
            foreach ((int set, string data) in new[] { "books", OddName }.Index())
            {
                foreach ((int size, int blockSize) in new[] { 64, 128, 256 }.Index())
                {
                    double loss = 2 + (0.1 * set) + (model == 0 && size > 0 ? 7 : 0.01 * size);
                    yield return new EvaluationRecord
                    {
                        Key = $"{model} {set} {size}",
                        Model = new EvaluatedModel(name, $"model-hash-{model}", Path.GetFileName(name), 1_000_000, 64),
                        Data = new EvaluatedData(data, $"data-hash-{set}-{size}", 20, 40_000),
                        Settings = new EvaluationSettings { Protocol = "exact", BlockSize = blockSize, Precision = "Float32" },
                        Result = new EvaluationNumbers
                        {
                            Blocks = 9, ScoredTokens = 1000, MeanLoss = loss, Perplexity = Math.Exp(loss), Seconds = 1, TokensPerSecond = 1000,
                            Interval = new LossInterval(loss - 0.05, loss + 0.05, 0.95, 20, 1000),
                        },
                        Finished = DateTimeOffset.UnixEpoch,
                        Machine = new EvaluationMachine("1.2.3", ".NET", "some system", "cpu", "2 threads"),
                        Positions = [new PositionLoss(1, 1, 20, loss + 1, 0.1), new PositionLoss(2, 9, 160, loss, 0.02), new PositionLoss(10, 60, 800, loss - 0.1)],
                        Shares = new LossShares([0], [0], [1000], [1000 * loss]),
                    };
                }
            }
        }
    }

    private string Save(string name)
    {
        string path = PathOf(name);
        File.Delete(path);
        using ResultsWriter writer = ResultsWriter.Open(path);
        foreach (EvaluationRecord record in Records())
        {
            writer.Append(record);
        }

        return path;
    }
}

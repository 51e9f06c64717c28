using System.Text.Json;
using System.Text.Json.Nodes;

namespace BiPE.Cli.Tests.Commands;

/// <summary>Rotary scalings of the command line, in the commands that load models.</summary>
internal sealed class RotaryScalingOptionsTests : CommandTests
{
    private static readonly string Text = string.Concat(Enumerable.Range(0, 12).Select(i => $"Sentence {i} is short. It has two parts.\n"));

    [TestCase("rope", """{"type": "linear", "factor": 2.0}""", "linear", "--rope-factor", "2")]
    [TestCase("rope", """{"type": "dynamic", "factor": 4.0}""", "dynamic", "--rope-factor", "4", "--rope-original", "32")]
    [TestCase("rope", """{"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 24}""", "yarn", "--rope-factor", "4", "--rope-original", "24")]
    [TestCase("bipe_rope", """{"rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 6}""", "yarn", "--rope-factor", "8", "--rope-original", "6")]
    [TestCase("rope", """{"rope_type": "ntk-by-parts", "factor": 4.0, "attention_factor": 1.5}""", "ntk-by-parts", "--rope-factor", "4", "--rope-attention-factor", "1.5")]
    public void TheNumbersAreThoseOfAModelWhoseConfigurationSaysIt(string encoding, string section, string method, params string[] numbers)
    {
        string model = TinyModel.Save(PathOf("model"), encoding);
        string scaled = TinyModel.Save(PathOf("scaled"), encoding);
        JsonNode config = JsonNode.Parse(File.ReadAllText(PathOf("scaled/config.json")))!;
        config["rope_scaling"] = JsonNode.Parse(section);
        config["max_position_embeddings"] = method == "dynamic" ? 32 : 2048;
        File.WriteAllText(PathOf("scaled/config.json"), config.ToJsonString());
        string text = Write("text.txt", Text);
        string[] scaling = ["--rope-scaling", method, .. numbers];

        double[][] asConfigured = Losses([model, scaled]);
        Assert.That(asConfigured[0], Is.Not.EqualTo(asConfigured[1]));
        Assert.That(Losses([model], scaling)[0], Is.EqualTo(asConfigured[1]));
        Assert.That(Losses([scaled], "--rope-scaling", "none")[0], Is.EqualTo(asConfigured[0]));
        Assert.That(Scores(model, scaling), Is.EqualTo(Scores(scaled)));

        double[][] Losses(string[] folders, params string[] more)
        {
            JsonElement result = Bipe.Run(
                ["eval", "--model", .. folders, "--data", text, "--block-size", "40,96", "--backend", "cpu", "--threads", "1", "--json", "-", .. more]).Json;
            return
            [
                .. result.GetProperty("models").EnumerateArray().Select(tested =>
                    tested.GetProperty("results").EnumerateArray().Select(block => block.GetProperty("meanLoss").GetDouble()).ToArray()),
            ];
        }

        string Scores(string folder, params string[] more) => Bipe.Run(
            ["score", "--model", folder, "--text", text, "--backend", "cpu", "--threads", "1", "--json", "-", .. more]).Json.GetRawText();
    }

    [Test]
    public void ResultsKeepScalingsApartAndCompareThem()
    {
        string model = TinyModel.Save(PathOf("model"), "rope");
        string text = Write("text.txt", Text);
        string results = PathOf("results.jsonl");
        string[] eval = ["eval", "--model", model, "--data", text, "--block-size", "64", "--backend", "cpu", "--results", results];
        Bipe.Run(eval).RequireSuccess();
        BipeOutcome scaled = Bipe.Run([.. eval, "--rope-scaling", "linear", "--rope-factor", "2"]).RequireSuccess();
        BipeOutcome again = Bipe.Run([.. eval, "--rope-scaling", "linear", "--rope-factor", "2", "--json", "-"]).RequireSuccess();
        BipeOutcome compared = Bipe.Run("compare", results, "--model", "model", "model (linear 2)").RequireSuccess();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scaled.Output, Does.Contain("model (linear 2)"));
            Assert.That(scaled.Error, Does.Not.Contain("in the results file already"));
            Assert.That(again.Error, Does.Contain("1 of 1 evaluations are in the results file already"));
            Assert.That(again.Json.GetProperty("ropeScaling").GetProperty("method").GetString(), Is.EqualTo("linear"));
            Assert.That(File.ReadAllLines(results), Has.Length.EqualTo(2));
            Assert.That(compared.Output, Does.Contain("model (linear 2)"));
        }
    }

    [Test]
    public void FaultsAreOneSentence()
    {
        string model = TinyModel.Save(PathOf("model"), "alibi");
        string text = Write("text.txt", Text);
        string[] eval = ["eval", "--model", model, "--data", text, "--block-size", "64", "--backend", "cpu"];
        Bipe.Run([.. eval, "--rope-scaling", "yarn", "--rope-factor", "4"]).RequireError(1, "rpe_type alibi has no rotary encoding");
        Bipe.Run([.. eval, "--rope-scaling", "yarm", "--rope-factor", "4"]).RequireError(1, "did you mean yarn?");
        Bipe.Run([.. eval, "--rope-scaling", "yarn", "--rope-factor", "0.5"]).RequireError(1, "--rope-factor is 0.5");
        Bipe.Run([.. eval, "--rope-factor", "4"]).RequireError(2, "'--rope-factor' needs '--rope-scaling'");
        Bipe.Run(["score", "--model", model, "--text", text, "--rope-scaling", "yarn", "--rope-factor", "4"]).RequireError(1, "no rotary encoding");
    }
}

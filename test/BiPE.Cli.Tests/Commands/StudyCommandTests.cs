using System.Text.Json;
using System.Text.RegularExpressions;

namespace BiPE.Cli.Tests.Commands;

internal sealed class StudyCommandTests : CommandTests
{
    private string Output => PathOf("study");

    [Test]
    public void EncodingsAreTrainedAndComparedAndMoreCanBeAdded()
    {
        BipeOutcome first = Bipe.Run(Arguments("rope,bipe_rope")).RequireSuccess();
        Assert.That(first.Output, Does.Contain("| rope ").And.Contain("| bipe_rope ").And.Contain("64 (2x)"));
        byte[] model = File.ReadAllBytes(Path.Combine(Output, "models", "rope", "model.safetensors"));
        int lines = File.ReadAllLines(Path.Combine(Output, "results.jsonl")).Length;
        Assert.That(lines, Is.EqualTo(4), "two encodings at two lengths");

        BipeOutcome second = Bipe.Run(Arguments("rope,bipe_rope,nope")).RequireSuccess();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(second.Error, Does.Contain("4 of 6 evaluations are in the results file already"));
            Assert.That(File.ReadAllBytes(Path.Combine(Output, "models", "rope", "model.safetensors")), Is.EqualTo(model), "what is trained stays");
            Assert.That(File.ReadAllText(Path.Combine(Output, "study.md")), Does.Contain("| nope "));
            Assert.That(Directory.GetFiles(Path.Combine(Output, "report")).Select(Path.GetFileName), Does.Contain("index.html").And.Contain("perplexity-held-out.svg"));
        }
    }

    [Test]
    public void AllModelsStartFromTheSameNumbersAndSeeTheSameBlocks()
    {
        // Without steps to speak of, models that differ only by an encoding without parameters predict alike.
        Bipe.Run([.. Arguments("rope,nope"), "--learning-rate", "0"]).RequireSuccess();
        byte[][] models = [.. new[] { "rope", "nope" }.Select(encoding => File.ReadAllBytes(Path.Combine(Output, "models", encoding, "model.safetensors")))];
        Assert.That(models[0], Is.EqualTo(models[1]));
        Assert.That(Losses("rope"), Has.Length.EqualTo(Losses("nope").Length).And.Length.Positive);
    }

    [Test]
    public void AnotherPlanInTheSameFolderIsRefused()
    {
        Bipe.Run(Arguments("nope")).RequireSuccess();
        Bipe.Run([.. Arguments("nope"), "--seed", "5"]).RequireError(1, "\"Seed\": 1", "\"Seed\": 5", "--output");
    }

    [Test]
    public void OtherDocumentsOfTheTextAreRefused()
    {
        string text = Write("text.jsonl", string.Concat(Enumerable.Range(0, 40).Select(i =>
            $$$"""{"text": "Line {{{i}}} of {{{i * 7 % 13}}}, which says no more than that.", "meta": {"pile_set_name": "S{{{i % 2}}}"}}""" + "\n")));
        string[] Taking(params string[] options) => [.. Arguments("nope").Select(word => word == PathOf("text.txt") ? text : word), .. options];
        Bipe.Run(Taking("--set", "S1", "--min-length", "1kB", "--max-length", "2kB")).RequireError(1, "no document");
        Bipe.Run(Taking("--set", "s0", "S1", "--min-length", "5")).RequireSuccess();

        string kept = "\"Records\": \"--set s0, s1, --min-length 5\"";
        Bipe.Run(Taking()).RequireError(1, kept, "\"Records\": \"all documents\"", "--output");
        Bipe.Run(Taking("--set", "S1", "--min-length", "5")).RequireError(1, kept, "--set s1,");
        Bipe.Run(Taking("--set", "S1", "S0", "--min-length", "5", "--max-length", "90")).RequireError(1, "--max-length 90");
        Bipe.Run(Taking("--set", "S1", "S0", "--min-length", "5", "--split", "train")).RequireError(1, "--split train, --split-shares 0.98,0.01,0.01, --split-seed 1");
        Bipe.Run(Taking("--set", "S1", "S0", "--min-length", "5", "--text-field", "body")).RequireError(1, "--text-field body");
        Bipe.Run(Taking("--set", "S1", "S0", "--min-length", "5", "--set-field", "meta")).RequireError(1, "--set-field meta");
        Bipe.Run(Taking("--set", "S1", "S0", "--min-length", "5B", "--text-field", "text", "--broken-lines", "refuse")).RequireSuccess();
    }

    [Test]
    public void AStudyThatDoesNotSayItsDocumentsGoesOn()
    {
        Bipe.Run(Arguments("nope")).RequireSuccess();
        string plan = Path.Combine(Output, "study.json");
        string before = Regex.Replace(File.ReadAllText(plan), ",\\s*\"Records\": \"[^\"]*\"", "");
        Assert.That(before, Does.Contain("Seed").And.Not.Contain("Records"));
        File.WriteAllText(plan, before);

        Bipe.Run(Arguments("nope")).RequireSuccess();
        Bipe.Run([.. Arguments("nope"), "--seed", "5"]).RequireError(1, "\"Seed\": 5");
    }

    [Test]
    public void MistakesAreToldBeforeAnythingIsTrained()
    {
        Bipe.Run(Arguments("rope,rop")).RequireError(1, "rop", "rope");
        Assert.That(Directory.Exists(Path.Combine(Output, "models")), Is.False);
        Bipe.Run(Arguments("nope", lengths: "1")).RequireError(2, "--eval-lengths", "1");
        Bipe.Run(Arguments("nope", lengths: "32,1000000")).RequireError(1, "held-out text", "1,000,000");
    }

    [Test]
    public void SeparatorsOfTheConfigurationMayBeTexts()
    {
        string config = Config();
        File.WriteAllText(config, File.ReadAllText(config).Replace(
            "\"train_scale\": 32", "\"train_scale\": 32, \"position\": {\"segmenter\": {\"type\": \"separators\", \"texts\": [\"o\"]}}", StringComparison.Ordinal));
        Bipe.Run(Arguments("bipe_rope")).RequireSuccess();
        Assert.That(File.ReadAllText(Path.Combine(Output, "models", "bipe_rope", "config.json")), Does.Match("\"tokens\": \\[\\s*\\d+\\s*\\]"));
    }

    private string[] Arguments(string encodings, string lengths = "32,64")
    {
        string text = PathOf("text.txt");
        if (!File.Exists(text))
        {
            Write("text.txt", string.Concat(Enumerable.Range(0, 400).Select(i => $"Line {i} of {i * 7 % 13}.\n")));
        }

        return
        [
            "study", "--encodings", encodings, "--data", text, "--output", Output, "--config", Config(), "--train-length", "32", "--eval-lengths", lengths,
            "--tokens", "512", "--batch-size", "4", "--max-tokens", "256", "--backend", "cpu", "--threads", "1",
        ];
    }

    private double[] Losses(string encoding) =>
    [
        .. File.ReadLines(Path.Combine(Output, "models", encoding, "log.jsonl")).Select(line => JsonElement.Parse(line).GetProperty("train/loss").GetDouble()),
    ];

    private string Config()
    {
        string path = PathOf("config.json");
        return File.Exists(path)
            ? path
            : Write("config.json", """
                {"model_type": "llama", "hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2, "num_hidden_layers": 1, "vocab_size": 300, "rpe_type": "rope", "train_scale": 32}
                """);
    }
}

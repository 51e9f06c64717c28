using System.Text.Json;
using BiPE.Core.Checkpoints;
using BiPE.Core.Model;
using BiPE.Core.Training;
using BiPE.Testing;

namespace BiPE.Cli.Tests.Commands;

internal sealed class TrainCommandTests : CommandTests
{
    [Test]
    public void ANewModelLearnsAndStandsInTheFolder()
    {
        BipeOutcome outcome = Train("run", 60, "--eval-data", Text, "--eval-max-tokens", "2000", "--log-every", "20").RequireSuccess();
        JsonElement[] log = Log("run");
        JsonElement config = JsonElement.Parse(File.ReadAllText(PathOf("run/config.json")));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Output, Does.Contain("60 steps").And.Contain("bipe eval"));
            Assert.That(log.Select(entry => entry.GetProperty("step").GetInt64()), Is.EqualTo(new[] { 20, 40, 60, 60 }));
            Assert.That(log[2].GetProperty("train/loss").GetDouble(), Is.LessThan(log[0].GetProperty("train/loss").GetDouble()));
            Assert.That(log[3].GetProperty("eval/perplexity").GetDouble(), Is.InRange(1, 264), "an evaluation after the last step");
            Assert.That(Directory.GetFiles(PathOf("run/tensorboard"), "events.out.tfevents.*"), Has.Length.EqualTo(1));
            Assert.That(config.GetProperty("bos_token_id").GetInt32(), Is.EqualTo(256), "the tokenizer's, not the configuration's");
            Assert.That(config.GetProperty("eos_token_id").GetInt32(), Is.EqualTo(257));
            Assert.That(Entries, Has.None.Contains(".tmp"));
        }

        Bipe.Run("eval", "--model", PathOf("run"), "--data", Text, "--block-size", "32", "--max-tokens", "500", "--backend", "cpu").RequireSuccess();
    }

    [Test]
    public void AModelIsTrainedFurther()
    {
        string model = TinyModel.Save(PathOf("model"), "alibi");
        BipeOutcome outcome = Run(["--model", model, "--data", Text, "--output", PathOf("run"), .. TinyTraining.Flags(5)]).RequireSuccess();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Does.Contain("alibi"));
            Assert.That(File.ReadAllBytes(PathOf("run/model.safetensors")), Is.Not.EqualTo(File.ReadAllBytes(PathOf("model/model.safetensors"))));
            Assert.That(
                JsonElement.Parse(File.ReadAllText(PathOf("run/config.json"))).GetProperty("rpe_type").GetString(), Is.EqualTo("alibi"));
        }
    }

    [Test]
    public void AModelIsTrainedFurtherForLongerTexts()
    {
        string model = TinyModel.Save(PathOf("model"), "rope");
        BipeOutcome outcome = Run(
        [
            "--model", model, "--data", Text, "--output", PathOf("run"), "--rope-scaling", "yarn", "--rope-factor", "4", "--rope-original", "32",
            "--block-size", "48", "--pose-length", "128", "--eval-data", Text, "--eval-max-tokens", "500", .. TinyTraining.Flags(5),
        ]).RequireSuccess();
        JsonElement config = JsonElement.Parse(File.ReadAllText(PathOf("run/config.json")));
        JsonElement scaling = config.GetProperty("rope_scaling");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Does.Contain("2 blocks of 48 tokens").And.Contain("yarn, 4 times").And.Contain("128 tokens"));
            Assert.That(outcome.Output, Does.Contain("--block-size 48"));
            Assert.That(scaling.GetProperty("rope_type").GetString(), Is.EqualTo("yarn"));
            Assert.That(scaling.GetProperty("factor").GetDouble(), Is.EqualTo(4));
            Assert.That(scaling.GetProperty("original_max_position_embeddings").GetInt32(), Is.EqualTo(32));
            Assert.That(config.GetProperty("max_position_embeddings").GetInt32(), Is.EqualTo(128));
            Assert.That(config.GetProperty("train_scale").GetInt32(), Is.EqualTo(32), "the model's own");
        }

        Run(["--output", PathOf("run"), "--resume", "--rope-scaling", "linear"]).RequireError(2, "With --resume the model is the checkpoint's; leave --rope-scaling out");
        Run(["--output", PathOf("run"), "--resume", "--pose-length", "64", "--backend", "cpu"]).RequireError(1, "its --pose-length is 128, this run's is 64");
        string alibi = TinyModel.Save(PathOf("alibi"), "alibi");
        Run(["--model", alibi, "--data", Text, "--output", PathOf("none"), "--rope-scaling", "linear", "--rope-factor", "2", "--backend", "cpu"])
            .RequireError(1, "rpe_type alibi has no rotary encoding");
        Assert.That(Directory.Exists(PathOf("none")), Is.False);
    }

    [TestCase("cope")]
    [TestCase("bipe_cope")]
    public void EncodingsThatReadScoresSayWhatTheyCost(string encoding)
    {
        string config = Write("cope.json", TinyTraining.Config(("rpe_type", encoding)));
        BipeOutcome trained = Run(
            ["--config", config, "--tokenizer", "bytes", "--data", Text, "--output", PathOf("run"), .. TinyTraining.Flags(5)]).RequireSuccess();
        BipeOutcome evaluated = Bipe.Run(
            "eval", "--model", PathOf("run"), "--data", Text, "--block-size", "32,96", "--max-tokens", "500", "--chunk", "40", "--backend", "cpu").RequireSuccess();

        Assert.That(trained.Error, Does.Contain($"{encoding} reads attention's scores").And.Contain("--recompute"));
        Assert.That(evaluated.Error, Does.Contain($"{encoding} reads attention's scores").And.Contain("--chunk"));
    }

    [Test]
    public void AnEncodingNamedByFlagIsTrainedSavedAndEvaluated()
    {
        Train("run", 4, "--encoding", "bipe_kerple+sinusoidal", "--segmenter", "fixed:5").RequireSuccess();
        JsonElement config = JsonElement.Parse(File.ReadAllText(PathOf("run/config.json")));
        BipeOutcome inspected = Bipe.Run("inspect", "--model", PathOf("run")).RequireSuccess();
        Bipe.Run("eval", "--model", PathOf("run"), "--data", Text, "--block-size", "32", "--max-tokens", "300", "--chunk", "10", "--backend", "cpu").RequireSuccess();
        Run(["--output", PathOf("run"), "--resume", "--max-steps", "6", "--backend", "cpu"]).RequireSuccess();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(config.GetProperty("rpe_type").GetString(), Is.EqualTo("bipe_kerple+sinusoidal"));
            Assert.That(config.GetProperty("position").GetProperty("segmenter").GetProperty("length").GetInt32(), Is.EqualTo(5));
            Assert.That(inspected.Output, Does.Contain("segments have 5 tokens"));
        }

        Run(["--config", Config, "--encoding", "kerpl", "--tokenizer", "bytes", "--data", Text, "--output", PathOf("none"), "--backend", "cpu"])
            .RequireError(1, "'kerpl' is unknown; known are rope,");
        Run(["--model", PathOf("run"), "--encoding", "rope", "--data", Text, "--output", PathOf("none")]).RequireError(2, "leave --encoding out");
        Run(["--config", Config, "--segmenter", "fixed:0", "--tokenizer", "bytes", "--data", Text, "--output", PathOf("none")])
            .RequireError(2, "--segmenter is 'fixed:0', expected every_token, none, or fixed:");
        Run(["--config", Config, "--segmenter", "none", "--separators", "10", "--tokenizer", "bytes", "--data", Text, "--output", PathOf("none")])
            .RequireError(2, "leave one out");
        Assert.That(Directory.Exists(PathOf("none")), Is.False);
    }

    [Test]
    public void TextAndItsShardTrainTheSameModel()
    {
        Bipe.Run("data", "tokenize", "--data", Text, "--tokenizer", "bytes", "--output", PathOf("shard")).RequireSuccess();
        Train("text", 5).RequireSuccess();
        Run(["--config", Config, "--tokenizer", "bytes", "--data", PathOf("shard"), "--output", PathOf("run"), .. TinyTraining.Flags(5)]).RequireSuccess();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.ReadAllBytes(PathOf("run/model.safetensors")), Is.EqualTo(File.ReadAllBytes(PathOf("text/model.safetensors"))));
            Assert.That(Directory.Exists(PathOf("run/tokens")), Is.False);
        }
    }

    [Test]
    public void SeparatorsAreSavedAsIds()
    {
        Train("named", 1, "--separators", "10,59").RequireSuccess();
        Train("default", 1).RequireSuccess();
        Train("sentence", 1, "--separators", "sentence").RequireSuccess();

        Assert.That(Separators("named"), Is.EqualTo(new[] { 10, 59 }));
        Assert.That(Separators("default"), Is.EqualTo(new[] { '\n', '.' }));
        Assert.That(Separators("sentence"), Is.EqualTo(new[] { '\n', '!', '.', '?' }));

        int[] Separators(string run) =>
        [
            .. JsonElement.Parse(File.ReadAllText(PathOf($"{run}/config.json"))).GetProperty("position").GetProperty("segmenter").GetProperty("tokens")
                .EnumerateArray().Select(id => id.GetInt32()),
        ];
    }

    [Test]
    public void DivergenceIsToldAndKeepsTheLastCheckpoint()
    {
        BipeOutcome outcome = Train(
            "run", 1000, "--learning-rate", "1e6", "--schedule", "constant", "--warmup-steps", "0", "--max-grad-norm", "0", "--save-every", "1");
        string checkpoint = Directory.GetDirectories(PathOf("run"), "checkpoint-*").Max(StringComparer.Ordinal)!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.ExitCode, Is.EqualTo(1));
            Assert.That(outcome.Error, Does.Contain("error: Training diverged at step").And.Contain("--learning-rate").And.Not.Contain("   at "));
            Assert.That(File.Exists(PathOf("run/model.safetensors")), Is.False, "no finished model");
            Assert.That(Entries, Has.None.Contains(".tmp"));
        }

        using var backend = new ReferenceBackend();
        using LanguageModel model = HuggingFaceFolder.Load(backend, checkpoint);
        Assert.That(TrainingCheckpoint.ReadState(checkpoint).Step, Is.GreaterThan(0));
    }

    [Test]
    public void NotesSayWhatIsProbablyNotMeant()
    {
        BipeOutcome outcome = Run(
            "--config", Write("wide.json", TinyTraining.Config(("vocab_size", 1000))), "--tokenizer", "bytes", "--data", Text,
            "--output", PathOf("run"), "--max-steps", "2", "--batch-size", "1", "--backend", "cpu").RequireSuccess();

        Assert.That(outcome.Error, Does.Contain("warm-up of 10,000 steps").And.Contain("1,000 token ids"));
    }

    [TestCase("rpe_type", "bip_rope", "bip_rope", "bipe_rope")]
    [TestCase("num_attention_heads", 5, "hidden_size", "5")]
    [TestCase("vocab_size", 100, "100", "264")]
    [TestCase("train_scale", 1_000_000, "longer than the whole corpus", "1000000")]
    public void ConfigurationsThatDoNotFitAreRefused(string field, object value, params string[] parts)
    {
        string config = Write("other.json", TinyTraining.Config((field, value), (field == "num_attention_heads" ? "num_key_value_heads" : field, value)));
        Run(["--config", config, "--tokenizer", "bytes", "--data", Text, "--output", PathOf("run"), .. TinyTraining.Flags(5)]).RequireError(1, parts);
        Assert.That(Entries, Has.None.Contains(".tmp").And.None.Contains("checkpoint").And.None.Contains("run.json"));
    }

    [Test]
    public void DataThatDoesNotFitIsRefused()
    {
        Bipe.Run("data", "tokenize", "--data", Text, "--tokenizer", "bytes", "--output", PathOf("shard")).RequireSuccess();
        string index = File.ReadAllText(PathOf("shard/index.json"));
        string fingerprint = JsonElement.Parse(index).EnumerateObject()
            .Single(property => property.Name.Contains("fingerprint", StringComparison.OrdinalIgnoreCase)).Value.GetString()!;
        File.WriteAllText(PathOf("shard/index.json"), index.Replace(fingerprint, new string('0', fingerprint.Length), StringComparison.Ordinal));

        Run(New(PathOf("shard"))).RequireError(1, "shard", "tokenizer");
        Run(New(PathOf("missing.txt"))).RequireError(1, "missing.txt");
        Run([.. New(Text), "--eval-data", PathOf("missing.txt")]).RequireError(1, "missing.txt");
        Run([.. New(Text), "--eval-data", PathOf("shard")]).RequireError(1, "shard", "tokenizer");
        Run([.. New(Text), "--eval-data", Write("empty.txt", "")]).RequireError(1, "empty.txt", "empty");
        Run(["--config", Write("broken.json", "{"), "--tokenizer", "bytes", "--data", Text, "--output", PathOf("run"), "--backend", "cpu"]).RequireError(1, "broken.json", "JSON");
        Run(["--config", PathOf("missing.json"), "--tokenizer", "bytes", "--data", Text, "--output", PathOf("run"), "--backend", "cpu"]).RequireError(1, "missing.json");
        Run(["--config", Config, "--data", Text, "--output", PathOf("run"), "--backend", "cpu"]).RequireError(1, "--tokenizer");
        Assert.That(Directory.Exists(PathOf("run")) && Directory.GetDirectories(PathOf("run"), "checkpoint-*").Length > 0, Is.False);
    }

    [Test]
    public void AFolderThatIsInUseIsRefused()
    {
        string model = TinyModel.Save(PathOf("model"));
        Run(["--model", model, "--data", Text, "--output", model, .. TinyTraining.Flags(1)]).RequireError(1, "already has a model", "--output");
        Train("run", 1).RequireSuccess();
        Train("run", 1).RequireError(1, "already has a run", "checkpoint-00000001", "--resume");
        Run("--output", PathOf("run"), "--resume", "--data", Text, "--backend", "cpu").RequireError(1, "text.txt", "leave --data out");
        Train("text.txt", 1).RequireError(1, "text.txt");
        Run("--output", PathOf("nothing"), "--resume", "--backend", "cpu").RequireError(1, "nothing", "no checkpoint");
    }

    private string Config => Write("config.json", TinyTraining.Config());

    private string Text => Write("text.txt", TinyTraining.Text);

    private IEnumerable<string> New(string data) =>
        ["--config", Config, "--tokenizer", "bytes", "--data", data, "--output", PathOf("run"), .. TinyTraining.Flags(5)];

    private BipeOutcome Train(string output, int steps, params IEnumerable<string> more) =>
        Run(["--config", Config, "--tokenizer", "bytes", "--data", Text, "--output", PathOf(output), .. TinyTraining.Flags(steps, more)]);

    private static BipeOutcome Run(params IEnumerable<string> arguments) => Bipe.Run(arguments.Prepend("train"));

    private JsonElement[] Log(string run) => [.. File.ReadLines(PathOf($"{run}/log.jsonl")).Select(line => JsonElement.Parse(line))];
}

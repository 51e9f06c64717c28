using System.Text.Json;
using BiPE.Testing;

namespace BiPE.Cli.Tests.Commands;

internal sealed class BenchStepTests
{
    [TestCase("train", "training", 2, 48)]
    [TestCase("eval", "evaluation", 1, 64)]
    public void AStepIsALineOfJson(string step, string pass, int batchSize, int blockSize)
    {
        using var folder = new TemporaryFolder();
        BipeOutcome outcome = Bipe.Run(
            "bench", "--step", step, "--config", folder.Write("config.json", TinyTraining.Config()), "--encoding", "bipe_alibi", "--batch-size", $"{batchSize}",
            "--block-size", $"{blockSize}", "--steps", "3", "--threads", "1", "--backend", "cpu", "--json");
        JsonElement rate = outcome.Json;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Lines, Has.Length.EqualTo(1));
            Assert.That(rate.GetProperty("pass").GetString(), Is.EqualTo(pass));
            Assert.That(rate.GetProperty("encoding").GetString(), Is.EqualTo("bipe_alibi"));
            Assert.That(rate.GetProperty("threads").GetInt32(), Is.EqualTo(1));
            Assert.That(rate.GetProperty("tokensPerSecond").GetDouble(), Is.EqualTo(batchSize * blockSize / rate.GetProperty("seconds").GetDouble()).Within(1e-6));
            Assert.That(rate.GetProperty("loss").GetDouble(), Is.EqualTo(Math.Log(264)).Within(0.5), "of random tokens");
            Assert.That(rate.GetProperty("peakResidentBytes").GetInt64(), Is.GreaterThan(10 << 20));
        }
    }

    [TestCase("--step needs a model", "--step", "train")]
    [TestCase("--batch-size needs a model", "--batch-size", "4")]
    [TestCase("--quick is for", "--quick", "--config", "tiny")]
    [TestCase("--threads takes several", "--threads", "1,2", "--config", "tiny")]
    [TestCase("one --block-size", "--step", "eval", "--config", "tiny", "--block-size", "32,64")]
    [TestCase("leave --batch-size out", "--step", "eval", "--config", "tiny", "--batch-size", "64")]
    [TestCase("leave --recompute out", "--step", "eval", "--config", "tiny", "--recompute", "layers")]
    [TestCase("--batch-size is '0'", "--step", "train", "--config", "tiny", "--batch-size", "0")]
    [TestCase("'both'", "--step", "both", "--config", "tiny", "--batch-size", "4")]
    [TestCase("expected integers in 1 .. 1024", "--threads", "1,x")]
    public void OptionsThatDoNotFitAreRefused(string part, params string[] arguments) =>
        Bipe.Run(["bench", .. arguments]).RequireError(2, part);

    [Test]
    public void NoMoreThreadsAreReportedThanRun()
    {
        using var folder = new TemporaryFolder();
        JsonElement rate = Bipe.Run(
            "bench", "--step", "eval", "--config", folder.Write("config.json", TinyTraining.Config()), "--steps", "1", "--threads", "1024", "--backend", "cpu", "--json").Json;

        Assert.That(rate.GetProperty("threads").GetInt32(), Is.EqualTo(Math.Min(1024, Environment.ProcessorCount)));
    }

    [TestCase("--step", "train", "--block-size", "65536")]
    [TestCase("--step", "train", "--block-size", "2147483647")]
    public void MoreTokensThanAStepCanHaveAreRefused(params string[] arguments) =>
        Bipe.Run(["bench", "--config", "bytes", "--batch-size", "65536", "--backend", "cpu", .. arguments]).RequireError(1, "--batch-size", "--block-size", "2,147,483,647");

    [Test]
    public void MoreTokensThanAStepOfTheConfigurationCanHaveAreRefused()
    {
        using var folder = new TemporaryFolder();
        string config = folder.Write("config.json", TinyTraining.Config(("train_scale", 1 << 16)));
        Bipe.Run("bench", "--config", config, "--batch-size", "65536", "--backend", "cpu").RequireError(1, "65,536 blocks", "train_scale");
    }

    [Test]
    public void WithoutAModelOnlyTheProcessorIsMeasured() =>
        Bipe.Run("bench", "--backend", "cuda").RequireError(1, "cuda", "--config");
}

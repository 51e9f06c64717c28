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
    [TestCase("expected integers in 1 .. 1024", "--threads", "1,x")]
    public void OptionsThatDoNotFitAreRefused(string part, params string[] arguments) =>
        Bipe.Run(["bench", .. arguments]).RequireError(2, part);

    [Test]
    public void WithoutAModelOnlyTheProcessorIsMeasured() =>
        Bipe.Run("bench", "--backend", "cuda").RequireError(1, "cuda", "--config");
}

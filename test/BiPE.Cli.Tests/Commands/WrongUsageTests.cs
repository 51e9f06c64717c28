namespace BiPE.Cli.Tests.Commands;

internal sealed class WrongUsageTests : CommandTests
{
    [TestCase("", "'bipe --help'")]
    [TestCase("evaluate", "evaluate", "'bipe --help'")]
    [TestCase("data", "'bipe data --help'")]
    [TestCase("info --fast", "--fast", "'bipe info --help'")]
    [TestCase("info --json a b", "b")]
    [TestCase("eval --model m --data d", "--block-size", "'bipe eval --help'")]
    [TestCase("eval --model m --data d --block-size 1024,x", "1024,x", "separated by commas")]
    [TestCase("eval --model m --data d --block-size 1", "at least 2")]
    [TestCase("eval --model m --data d --block-size 64 --protocol fair", "fair", "exact")]
    [TestCase("eval --model m --data d --block-size 64 --max-tokens -5", "--max-tokens", "at least 2")]
    [TestCase("eval --model m --data d --block-size 64 --backend tpu", "tpu", "cuda")]
    [TestCase("eval --model m --data d --block-size 64 --threads 0", "--threads", "1 .. 1024")]
    [TestCase("eval --model m --data d --block-size 64 --threads", "--threads")]
    [TestCase("score --model m", "--ids", "--text")]
    [TestCase("score --model m --ids a --text b", "exclude each other")]
    public void OneSentenceSaysWhatIsWrongAndWhereHelpIs(string arguments, params string[] parts) =>
        BipeProcess.Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)).RequireError(2, parts);

    [Test]
    public void StackTracesAreShownOnlyWhenAskedFor()
    {
        BipeOutcome outcome = BipeProcess.Run("data", "inspect", "--data", PathOf("missing"), "--debug");

        Assert.That(outcome.ExitCode, Is.EqualTo(1));
        Assert.That(outcome.Error, Does.Contain("   at "));
    }
}

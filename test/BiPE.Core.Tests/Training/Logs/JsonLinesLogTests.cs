using BiPE.Core.Training.Logs;
using BiPE.Testing;

namespace BiPE.Core.Tests.Training.Logs;

public sealed class JsonLinesLogTests
{
    private TemporaryFolder _folder = null!;

    private string LogPath => _folder.At("runs/log.jsonl");

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void Lines_are_readable_while_the_log_is_open()
    {
        using var log = JsonLinesLog.Open(LogPath);
        log.Write(new TrainingLogEntry(1, 2048, [new("train/loss", 10.5), new("gradient_norm", double.NaN)]));
        log.Write(new TrainingLogEntry(2, 4096, [new("train/loss", double.PositiveInfinity), new("x", double.NegativeInfinity)]));
        using var reader = new StreamReader(new FileStream(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        Assert.That(reader.ReadToEnd(), Is.EqualTo(
            "{\"step\":1,\"tokens\":2048,\"train/loss\":10.5,\"gradient_norm\":\"NaN\"}\n" +
            "{\"step\":2,\"tokens\":4096,\"train/loss\":\"Infinity\",\"x\":\"-Infinity\"}\n"));
    }

    [Test]
    public void Resuming_drops_later_steps_and_keeps_the_others()
    {
        WriteSteps(1, 2, 3, 4);
        WriteSteps(resumedStep: 2, 3);
        Assert.That(Steps(), Is.EqualTo(new[] { 1, 2, 3 }));
        WriteSteps(resumedStep: null, 4);
        Assert.That(Steps(), Is.EqualTo(new[] { 1, 2, 3, 4 }));
        WriteSteps(resumedStep: 0);
        Assert.That(Steps(), Is.Empty);
    }

    [Test]
    public void A_last_line_that_was_cut_short_anywhere_is_removed()
    {
        WriteSteps(1, 2);
        byte[] whole = File.ReadAllBytes(LogPath);
        int secondLine = Array.IndexOf(whole, (byte)'\n') + 1;
        for (int length = secondLine; length < whole.Length; length++)
        {
            File.WriteAllBytes(LogPath, whole[..length]);
            WriteSteps(resumedStep: null, 7);
            Assert.That(Steps(), Is.EqualTo(new[] { 1, 7 }), $"cut to {length} bytes");
        }
    }

    [TestCase("not json\n")]
    [TestCase("{\"step\":1}\n[]\n")]
    [TestCase("{\"step\":\"1\"}\n")]
    [TestCase("\n")]
    public void Another_file_is_left_alone(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(LogPath)!);
        File.WriteAllText(LogPath, content);
        Assert.That(() => JsonLinesLog.Open(LogPath, 0), Throws.TypeOf<BipeException>().With.Message.Contains("no training log: line"));
        Assert.That(File.ReadAllText(LogPath), Is.EqualTo(content));
    }

    [Test]
    public void A_folder_in_its_place_is_told()
    {
        Directory.CreateDirectory(LogPath);
        Assert.That(() => JsonLinesLog.Open(LogPath), Throws.TypeOf<BipeException>().With.Message.Contains("log.jsonl"));
    }

    private void WriteSteps(params int[] steps) => WriteSteps(null, steps);

    private void WriteSteps(long? resumedStep, params int[] steps)
    {
        using var log = JsonLinesLog.Open(LogPath, resumedStep);
        foreach (int step in steps)
        {
            log.Write(new TrainingLogEntry(step, 10 * step, [new("train/loss", 1.0 / step)]));
        }
    }

    private int[] Steps() =>
        [.. File.ReadLines(LogPath).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt32())];
}

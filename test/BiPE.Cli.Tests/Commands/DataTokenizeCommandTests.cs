using System.Diagnostics;
using System.Runtime.InteropServices;

namespace BiPE.Cli.Tests.Commands;

/// <summary>How <c>bipe data tokenize</c> ends early and goes on.</summary>
[Platform(Exclude = "Win", Reason = "the tests send signals with kill and limit files with the shell's ulimit")]
internal sealed class DataTokenizeCommandTests : CommandTests
{
    private const int Documents = 300;
    private const int DocumentBytes = 100_000;

    private string Output => PathOf("tokens");

    private string Unfinished => Path.Combine(Output, "unfinished");

    private string Corpus => PathOf("corpus.jsonl");

    [Test]
    public void AKilledProcessGoesOnBehindItsLastWholeFile()
    {
        string[] arguments = Arguments("1MiB");
        StopAtWork(arguments, "tokens-00002.bin", process =>
        {
            process.Kill();
            process.WaitForExit();
        });
        RequireGoingOn(arguments, WholeDocuments());
    }

    [Test]
    public void InterruptedWorkSaysWhatIsWholeAndGoesOn()
    {
        string[] arguments = Arguments("1MiB");
        StopAtWork(arguments, "tokens-00002.bin", process =>
        {
            BipeProcess.Interrupt(process);
            string error = process.StandardError.ReadToEnd();
            Assert.That(process.ExitCode, Is.EqualTo(130), error);
            Assert.That(error, Does.Contain("Kept").And.Contain("the same command goes on"));
        });
        RequireGoingOn(arguments, WholeDocuments());
    }

    [Test]
    public void InterruptingBeforeAFileIsWholeLeavesNothingBehind()
    {
        StopAtWork(Arguments("1GiB"), "tokens-00000.bin", process =>
        {
            BipeProcess.Interrupt(process);
            Assert.That(process.ExitCode, Is.EqualTo(130), process.StandardError.ReadToEnd());
        });
        Assert.That(Entries, Is.EquivalentTo(["corpus.jsonl"]));
    }

    [Test]
    public void AFileThatCannotGrowEndsTheWorkWithItsWholeFilesKept()
    {
        // The first documents fill files of 1 MB; the last one needs 6 MB and may have 4, as on a disk that is full.
        string small = string.Concat(Enumerable.Repeat($"{{\"text\": \"{new string('a', DocumentBytes)}\"}}\n", 25));
        string corpus = Write("a.jsonl", small + $"{{\"text\": \"{new string('b', 3_000_000)}\"}}\n");
        string[] arguments = ["data", "tokenize", "--data", corpus, "--tokenizer", "bytes", "--output", Output, "--shard-size", "1MB"];
        BipeOutcome limited = RunLimited(4_000_000, arguments);
        Assert.That(limited.ExitCode, Is.EqualTo(1), limited.Error);
        Assert.That(limited.Error, Does.Contain("Kept 25 documents").And.Contain("error: Cannot write the token shard").And.Contain("free space"));
        Bipe.Run("data", "inspect", "--data", Unfinished, "--verify").RequireSuccess();
        RequireGoingOn(arguments, 25, documents: 26);
    }

    [Test]
    public void CorruptTextEndsTheWorkWithItsWholeFilesKept()
    {
        string line = $"{{\"text\": \"{new string('a', DocumentBytes)}\"}}\n";
        string corpus = Write("a.jsonl", string.Concat(Enumerable.Repeat(line, 25)) + "broken\n");
        string[] arguments =
            ["data", "tokenize", "--data", corpus, "--tokenizer", "bytes", "--output", Output, "--shard-size", "1MB", "--broken-lines", "refuse"];
        BipeOutcome broken = Bipe.Run(arguments);
        Assert.That(broken.ExitCode, Is.EqualTo(1), broken.Error);
        Assert.That(broken.Error, Does.Contain("Kept 25 documents").And.Contain("line 26"));
        Bipe.Run("data", "inspect", "--data", Output).RequireError(1, "unfinished", "again");

        Write("a.jsonl", string.Concat(Enumerable.Repeat(line, 30)));
        RequireGoingOn(arguments, 25, documents: 30);
    }

    [Test]
    public void SizesAndThreadsAreChecked([Values("0", "-1", "1XB", "much", "1e30TB")] string size)
    {
        string corpus = Write("a.txt", "text");
        Bipe.Run("data", "tokenize", "--data", corpus, "--tokenizer", "bytes", "--output", Output, "--shard-size", size)
            .RequireError(2, "--shard-size", size, "200MB");
    }

    private static string Line(int document) => $"{{\"text\": \"{new string((char)('a' + (document % 26)), DocumentBytes)}\"}}\n";

    private string[] Arguments(string shardSize) =>
        ["data", "tokenize", "--data", Corpus, "--tokenizer", "bytes", "--output", Output, "--shard-size", shardSize, "--threads", "2"];

    private long WholeDocuments()
    {
        long whole = Bipe.Run("data", "inspect", "--data", Unfinished, "--verify", "--json").Json
            .GetProperty("shards")[0].GetProperty("index").GetProperty("documentCount").GetInt64();
        Assert.That(whole, Is.InRange(1, Documents - 1));
        return whole;
    }

    /// <summary>
    /// Runs the command on a pipe, which gives documents slowly after the first, so that the work cannot be done when a file has
    /// appeared and <paramref name="stop"/> ends it. Then the corpus is a file with the whole text.
    /// </summary>
    private void StopAtWork(string[] arguments, string untilFile, Action<Process> stop)
    {
        using (Process pipe = Process.Start("mkfifo", [Corpus]))
        {
            pipe.WaitForExit();
        }

        using Process process = BipeProcess.Start(arguments);
        Task feeding = Task.Run(() => Feed(Corpus));
        TinyTraining.WaitUntil(process, () => File.Exists(Path.Combine(Unfinished, untilFile)));
        stop(process);
        Assert.That(feeding.Wait(TimeSpan.FromSeconds(30)), "nobody reads any more");
        File.Delete(Corpus);
        File.WriteAllText(Corpus, string.Concat(Enumerable.Range(0, Documents).Select(Line)));
    }

    private static void Feed(string pipe)
    {
        try
        {
            using var stream = new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            for (int i = 0; i < Documents; i++)
            {
                stream.Write(System.Text.Encoding.UTF8.GetBytes(Line(i)));
                Thread.Sleep(i < 30 ? 0 : 100);
            }
        }
        catch (IOException)
        {
            // The reader has gone, as it should.
        }
    }

    // The files must be those of one run that nothing stopped, with another number of threads.
    private void RequireGoingOn(string[] arguments, long whole, int documents = Documents)
    {
        BipeOutcome outcome = Bipe.Run(arguments).RequireSuccess();
        Assert.That(outcome.Error, Does.Contain($"Going on behind {whole} documents"));
        string uninterrupted = PathOf("uninterrupted");
        string[] again = [.. arguments.Select(argument => argument == Output ? uninterrupted : argument)];
        Bipe.Run([.. again.TakeWhile(argument => argument != "--threads"), "--threads", "1"]).RequireSuccess();
        Assert.That(Names(Output), Is.EqualTo(Names(uninterrupted)));
        foreach (string name in Names(Output))
        {
            Assert.That(
                File.ReadAllBytes(Path.Combine(Output, name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(uninterrupted, name))), name);
        }

        Assert.That(File.ReadAllText(Path.Combine(Output, "index.json")), Does.Contain($"\"documentCount\": {documents}"));

        static string[] Names(string folder) => [.. Directory.GetFileSystemEntries(folder).Select(entry => Path.GetFileName(entry)!).Order(StringComparer.Ordinal)];
    }

    private static BipeOutcome RunLimited(long bytes, string[] arguments)
    {
        // ulimit counts blocks of 512 bytes; without its signal, a write beyond the limit fails as on a full disk. The runtime maps its own memory through a file unless told otherwise.
        string host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"trap '' XFSZ; ulimit -f {bytes / 512}; exec \"$@\"", "sh", host, Path.Combine(TestContext.CurrentContext.TestDirectory, "bipe.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return new BipeOutcome(process.ExitCode, output.Result, error);
    }
}

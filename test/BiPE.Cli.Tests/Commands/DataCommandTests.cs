using System.Text.Json;

namespace BiPE.Cli.Tests.Commands;

internal sealed class DataCommandTests : CommandTests
{
    private const string Corpus =
        """
        {"text": "First line.\nSecond.", "meta": {"pile_set_name": "Gutenberg (PG-19)"}}
        {"text": "No set"}
        {"text": "x = 1", "meta": {"pile_set_name": "Github"}}
        """;

    [Test]
    public void TokenizedTextIsInspected()
    {
        string corpus = Write("a.jsonl", Corpus);
        string text = Write("b.txt", "plain text");
        Bipe.Run("data", "tokenize", "--data", corpus, text, "--tokenizer", "bytes", "--output", PathOf("tokens"), "--json", PathOf("result.json"))
            .RequireSuccess();
        JsonElement written = JsonElement.Parse(File.ReadAllText(PathOf("result.json"))).GetProperty("index");
        JsonElement shard = Bipe.Run("data", "inspect", "--data", PathOf("tokens"), "--first", "5", "--verify", "--separators", "10", "--json").Json;
        BipeOutcome shown = Bipe.Run("data", "inspect", "--data", PathOf("tokens")).RequireSuccess();

        int textBytes = "First line.\nSecond.".Length + "No set".Length + "x = 1".Length + "plain text".Length;
        JsonElement counted = shard.GetProperty("shards")[0];
        JsonElement index = counted.GetProperty("index");
        JsonElement documents = shard.GetProperty("sets")[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(index.GetProperty("documentCount").GetInt64(), Is.EqualTo(4));
            Assert.That(index.GetProperty("textBytes").GetInt64(), Is.EqualTo(textBytes));
            Assert.That(index.GetProperty("tokenCount").GetInt64(), Is.EqualTo(textBytes + 4), "a token a byte and one to open each document");
            Assert.That(index.GetProperty("tokensHash").GetString(), Is.EqualTo(written.GetProperty("tokensHash").GetString()));
            Assert.That(documents.GetProperty("documentLengths").GetProperty("longest").GetInt64(), Is.EqualTo("First line.\nSecond.".Length + 1));
            Assert.That(documents.GetProperty("segments")[0].GetProperty("lengths").GetProperty("count").GetInt64(), Is.EqualTo(5), "one line feed splits the first document");
            Assert.That(counted.GetProperty("firstTokens").GetArrayLength(), Is.EqualTo(5));
            Assert.That(counted.GetProperty("firstText").GetString(), Is.EqualTo("Firs"));
            Assert.That(shown.Output, Does.Contain("Gutenberg (PG-19)").And.Contain("| documents").And.Contain("Segments closed by sentence (10, 33, 46, 63)"));
            Assert.That(Entries, Has.None.Contains("unfinished").And.None.Contains(".tmp"));
        }
    }

    [Test]
    public void SetsAreChosenByName()
    {
        string corpus = Write("a.jsonl", Corpus);
        JsonElement result = Bipe.Run(
            "data", "tokenize", "--data", corpus, "--tokenizer", "bytes", "--output", PathOf("tokens"), "--set", "pg19", "github", "--json").Json;

        Assert.That(
            result.GetProperty("index").GetProperty("sets").EnumerateObject().Select(set => set.Name),
            Is.EquivalentTo(["Gutenberg (PG-19)", "Github"]));
        Bipe.Run("data", "tokenize", "--data", corpus, "--tokenizer", "bytes", "--output", PathOf("other"), "--set", "Mars")
            .RequireError(1, "Mars", "Github");
        Assert.That(Entries, Has.None.StartsWith("other"));
    }

    [Test]
    public void BrokenLinesAreSkippedAndReportedOrRefused()
    {
        string corpus = Write("a.jsonl", "{\"text\": \"good\"}\n{\"text\": \n{\"text\": 5}\n");
        string[] arguments = ["data", "tokenize", "--data", corpus, "--tokenizer", "bytes", "--output", PathOf("tokens")];

        Bipe.Run([.. arguments, "--broken-lines", "refuse"]).RequireError(1, "a.jsonl", "line 2");
        Assert.That(Entries, Is.EquivalentTo(["a.jsonl"]));

        BipeOutcome skipped = Bipe.Run(arguments).RequireSuccess();
        Assert.That(skipped.Error, Does.Contain("2 broken lines").And.Contain("line 2").And.Contain("line 3"));
    }

    [Test]
    public void WrongInputLeavesNothingBehind()
    {
        string kind = Write("data.csv", "a,b");
        string cut = Write("cut.jsonl.gz", "no gzip");
        string empty = Write("empty.jsonl", "");
        string good = Write("good.txt", "text");
        string[] before = [.. Entries];

        Tokenize(PathOf("missing.jsonl")).RequireError(1, "missing.jsonl");
        Tokenize(kind).RequireError(1, "data.csv", ".jsonl");
        Tokenize(cut).RequireError(1, "cut.jsonl.gz");
        Tokenize(empty).RequireError(1, "empty.jsonl");
        Bipe.Run("data", "tokenize", "--data", good, "--tokenizer", "bytes", "--output", Path.Combine(good, "inside")).RequireError(1, "inside");
        Bipe.Run("data", "tokenize", "--data", good, "--tokenizer", "bytes", "--output", PathOf("tokens"), "--json", Folder).RequireError(1, "--json");
        Bipe.Run("data", "tokenize", "--data", good, "--dotnet-docs", "--tokenizer", "bytes", "--output", PathOf("tokens")).RequireError(2, "exclude each other");
        Bipe.Run("data", "tokenize", "--tokenizer", "bytes", "--output", PathOf("tokens")).RequireError(2, "'--data' is required");
        Bipe.Run("data", "inspect", "--data", good).RequireError(1, "good.txt", "--tokenizer");
        Assert.That(Entries, Is.EquivalentTo(before));

        BipeOutcome Tokenize(string path) => Bipe.Run("data", "tokenize", "--data", path, "--tokenizer", "bytes", "--output", PathOf("tokens"));
    }

    [Test]
    public void DamagedShardsAreRefused()
    {
        string corpus = Write("a.txt", "some text to tokenize");
        string shard = PathOf("tokens");
        Bipe.Run("data", "tokenize", "--data", corpus, "--tokenizer", "bytes", "--output", shard).RequireSuccess();
        string tokens = Directory.GetFiles(shard, "tokens-*.bin").Single();
        byte[] bytes = File.ReadAllBytes(tokens);

        bytes[10] ^= 1;
        File.WriteAllBytes(tokens, bytes);
        Bipe.Run("data", "inspect", "--data", shard, "--verify").RequireError(1, "hash");
        File.WriteAllBytes(tokens, bytes[..^3]);
        Bipe.Run("data", "inspect", "--data", shard).RequireError(1, "cut off");
    }

    [Test]
    public void UnreadableFilesAreNamed()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Permissions are set otherwise on Windows.");
            return;
        }

        string secret = Write("secret.txt", "text");
        File.SetUnixFileMode(secret, UnixFileMode.None);
        if (CanRead(secret))
        {
            Assert.Ignore("This user may read every file.");
        }

        Bipe.Run("data", "tokenize", "--data", secret, "--tokenizer", "bytes", "--output", PathOf("tokens")).RequireError(1, "secret.txt");
        Assert.That(Entries, Is.EquivalentTo(["secret.txt"]));
    }

    private static bool CanRead(string path)
    {
        try
        {
            File.OpenRead(path).Dispose();
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}

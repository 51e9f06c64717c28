using System.Diagnostics;
using System.Text.Json;
using BiPE.Testing.Http;

namespace BiPE.Cli.Tests.Commands;

internal sealed class DataFetchCommandTests : CommandTests
{
    private HubServer _server = null!;

    [SetUp]
    public void StartHub()
    {
        _server = new HubServer { Repository = "monology/pile-uncopyrighted" };
        foreach (string path in new[] { "train/00.jsonl.zst", "train/01.jsonl.zst", "val.jsonl.zst", "test.jsonl.zst" })
        {
            _server.Put(path, new byte[10_000]);
        }

        _server.Put("README.md", "words");
        _server.Put("train/notes.txt", "words");
    }

    [TearDown]
    public void StopHub() => _server.Dispose();

    [Test]
    public void ThePilesTextIsFetchedByDefault()
    {
        BipeOutcome listed = Run("--dry-run").RequireSuccess();
        Assert.That(listed.Output, Does.Contain("| train/00.jsonl.zst |").And.Contain("| 40,000 |").And.Contain("4 files, 40.0 kB, of which 40.0 kB would"));
        Assert.That(Entries, Is.Empty);

        BipeOutcome fetched = Run().RequireSuccess();
        Assert.That(fetched.Output, Does.Contain("Fetched 4 files").And.Contain(_server.Commit));
        Assert.That(Files, Is.EquivalentTo(["train/00.jsonl.zst", "train/01.jsonl.zst", "val.jsonl.zst", "test.jsonl.zst", ".bipe-hub.json"]));

        Assert.That(Run("--dry-run").RequireSuccess().Output, Does.Contain("whole").And.Contain("0 B would"));
        Assert.That(Run().RequireSuccess().Output, Does.Contain("Nothing to fetch, 4 files were there"));
        Assert.That(Run("--verify").RequireSuccess().Output, Does.Contain("Nothing to fetch"));
    }

    [Test]
    public void AnyRepositoryIsFetchedAsAsked()
    {
        _server.Kinds = ["models"];
        _server.Repository = "some/model";
        JsonElement result = Run("--repo", "some/model", "--include", "*.jsonl.zst", "*.md", "--exclude", "train/*", "--parallel", "1", "--json").Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.GetProperty("type").GetString(), Is.EqualTo("model"));
            Assert.That(result.GetProperty("commit").GetString(), Is.EqualTo(_server.Commit));
            Assert.That(result.GetProperty("totalBytes").GetInt64(), Is.EqualTo(20_005));
            Assert.That(
                result.GetProperty("files").EnumerateArray().Select(file => $"{file.GetProperty("path").GetString()} {file.GetProperty("state").GetString()}"),
                Is.EqualTo(["README.md fetched", "test.jsonl.zst fetched", "val.jsonl.zst fetched"]));
        }
    }

    [Test]
    public void WhatGoesWrongIsOneSentence()
    {
        Bipe.Run("data", "fetch", "--endpoint", "hub").RequireError(1, "--endpoint is 'hub'");
        Bipe.Run("data", "fetch", "--type", "book").RequireError(2, "book", "dataset");
        Bipe.Run("data", "fetch", "--parallel", "0").RequireError(2, "--parallel");
        Run("--repo", "https://host/a/b").RequireError(1, "owner/name");
        Run("--revision", "v9").RequireError(1, "v9");
        Run("--json", Folder).RequireError(1, "--json");
        Run("--include", "*.parquet").RequireError(1, "--include");
        Assert.That(Entries, Is.Empty);

        Write("file", "");
        Run("--out", PathOf("file")).RequireError(1, "file");
    }

    [Test]
    public void AFailureIsNotedAndTheOthersCome()
    {
        _server.StorageFault = request => request.Path.Contains("val") ? new HttpExchangeAnswer { Body = new byte[10_001] } : null;
        BipeOutcome outcome = Run("--retries", "0");
        Assert.That(outcome.ExitCode, Is.EqualTo(1));
        Assert.That(outcome.Error, Does.Contain("error: 'val.jsonl.zst' was not fetched").And.Contain("announced 10001 bytes"));
        Assert.That(Files, Has.Member("test.jsonl.zst").And.No.Member("val.jsonl.zst"));
    }

    [Test]
    public void AnInterruptedFetchSaysHowToGoOnAndDoes()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Signals are sent with kill.");
        }

        _server.StorageFault = request => _server.AnswerStorage(request) with { CutAfter = 4000, Stalls = true };
        using Process process = BipeProcess.Start(Arguments());
        string part = PathOf("pile/val.jsonl.zst.partial");
        Assert.That(() => File.Exists(part) ? new FileInfo(part).Length : 0, Is.EqualTo(4000).After(30_000, 20));
        BipeProcess.Interrupt(process);
        Assert.That(process.ExitCode, Is.EqualTo(130));
        Assert.That(process.StandardError.ReadToEnd(), Does.Contain("the same command goes on").And.Contain("Interrupted."));

        _server.StorageFault = null;
        _server.Storage.Forget();
        Run().RequireSuccess();
        Assert.That(_server.Storage.Requests.Select(request => request.RangeStart), Has.Member(4000L));
        Assert.That(Files, Has.None.Contains("partial"));
    }

    [Test]
    public void TheEnvironmentNamesTheHubTheTokenAndTheProxy()
    {
        // The hub's name leads nowhere but through the proxy, which answers in its place; only the storage is reached directly.
        BipeOutcome proxied = BipeProcess.RunWithEnvironment(
            new() { ["HF_ENDPOINT"] = "http://hub.invalid", ["http_proxy"] = _server.Hub.Address.AbsoluteUri, ["no_proxy"] = "127.0.0.1", ["HF_TOKEN"] = "secret" },
            "data", "fetch", "--output", PathOf("pile"));
        proxied.RequireSuccess();
        Assert.That(_server.Hub.Requests.Select(request => request.Target), Is.All.StartsWith("http://hub.invalid/"));
        Assert.That(_server.Hub.Requests.Select(request => request.Header("Authorization")), Is.All.Null, "no token over plain http");
        Assert.That(Files, Has.Member("val.jsonl.zst"));

        _server.Hub.Forget();
        BipeProcess.RunWithEnvironment(
            new() { ["HF_ENDPOINT"] = _server.Hub.Address.AbsoluteUri, ["HF_TOKEN"] = "secret" }, "data", "fetch", "--dry-run").RequireSuccess();
        Assert.That(_server.Hub.Requests.Select(request => request.Header("Authorization")), Is.All.EqualTo("Bearer secret"));
    }

    private IEnumerable<string> Files =>
        Directory.EnumerateFiles(PathOf("pile"), "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(PathOf("pile"), path).Replace('\\', '/'));

    private BipeOutcome Run(params string[] more) => Bipe.Run(Arguments(more));

    private string[] Arguments(params string[] more)
    {
        string[] output = more.Contains("--out") ? [] : ["--output", PathOf("pile")];
        return ["data", "fetch", "--endpoint", _server.Hub.Address.AbsoluteUri, .. output, .. more];
    }
}

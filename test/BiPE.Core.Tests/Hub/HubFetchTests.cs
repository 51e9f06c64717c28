using System.Text.Json;
using BiPE.Core.Hub;
using BiPE.Testing.Http;

namespace BiPE.Core.Tests.Hub;

public sealed class HubFetchTests : HubTests
{
    [Test]
    public void FilesLargeAndSmallComeWholeAndTheTokenStaysWithTheHub()
    {
        byte[] large = Bytes(3_000_000);
        Server.Put("train/a b#é.bin", large);
        Server.Put("empty.txt", "");
        Server.Put("README.md", "words");

        using HubFetch fetch = Fetch(options: Options with { Token = "secret" });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Read("train/a b#é.bin"), Is.EqualTo(large));
            Assert.That(File.ReadAllText(At("README.md")), Is.EqualTo("words"));
            Assert.That(Entries, Is.EqualTo(["README.md", "empty.txt", "train/a b#é.bin"]));
            Assert.That(fetch.Snapshot.Commit, Is.EqualTo(Server.Commit));
            Assert.That(fetch.Snapshot.Type, Is.EqualTo(HubRepositoryType.Dataset));
            Assert.That(fetch.BytesDone, Is.EqualTo(fetch.TotalBytes).And.EqualTo(3_000_005));
            Assert.That(Server.Hub.Requests.Select(request => request.Header("Authorization")), Is.All.EqualTo("Bearer secret"));
            Assert.That(Server.Storage.Requests.Select(request => request.Header("Authorization")), Is.EqualTo(new string?[] { null }));
            Assert.That(Server.Hub.Requests.Where(request => request.Path.Contains("/resolve/")).Select(request => request.Path), Is.All.Contains(Server.Commit));
        }
    }

    [Test]
    public void WholeFilesAreNotFetchedAgain()
    {
        Server.Put("a.bin", Bytes(1000));
        Server.Put("b.txt", "small");
        Fetch();
        Server.Hub.Forget();
        using HubFetch again = Fetch();
        Assert.That(Server.Hub.Requests.Where(request => request.Path.Contains("/resolve/")), Is.Empty);
        Assert.That(again.Transfers.Select(transfer => transfer.State), Is.All.EqualTo(HubTransferState.Present));
    }

    [Test]
    public void FilesThatCameAnotherWayAreTakenIfTheirContentIsRight()
    {
        byte[] content = Bytes(1000);
        Server.Put("a.bin", content);
        Directory.CreateDirectory(Output);
        File.WriteAllBytes(At("a.bin"), content);
        Fetch();
        Assert.That(Server.Storage.Requests, Is.Empty);
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public void AFileMayBeMovedAndLinked([Values] bool isRecorded)
    {
        byte[] content = Bytes(1000);
        Server.Put("a.bin", content);
        if (isRecorded)
        {
            Fetch();
            Server.Storage.Forget();
        }

        string elsewhere = At("../elsewhere.bin");
        File.WriteAllBytes(elsewhere, content);
        Directory.CreateDirectory(Output);
        File.Delete(At("a.bin"));
        File.CreateSymbolicLink(At("a.bin"), elsewhere);
        Fetch();
        Assert.That(Server.Storage.Requests, Is.Empty);
        Assert.That(new FileInfo(At("a.bin")).LinkTarget, Is.EqualTo(elsewhere));
    }

    [TestCase(1000)]
    [TestCase(999)]
    public void AFileThatWasNotFetchedIsNeverReplaced(int size)
    {
        Server.Put("a.bin", Bytes(1000));
        Directory.CreateDirectory(Output);
        byte[] own = Bytes(size, seed: 2);
        File.WriteAllBytes(At("a.bin"), own);
        Assert.That(FetchFails(), Does.Contain("a.bin").And.Contain("was not fetched"));
        Assert.That(Read("a.bin"), Is.EqualTo(own));
    }

    [Test]
    public void VerifyingFindsDamagedFilesAndFetchesThemAgain()
    {
        byte[] content = Bytes(1000);
        Server.Put("a.bin", content);
        Server.Put("b.bin", content);
        Fetch();
        byte[] damaged = [.. content];
        damaged[500] ^= 1;
        File.WriteAllBytes(At("a.bin"), damaged);
        Fetch();
        Assert.That(Read("a.bin"), Is.EqualTo(damaged), "sizes alone do not tell");

        Server.Storage.Forget();
        Fetch(Request with { Verify = true });
        Assert.That(Read("a.bin"), Is.EqualTo(content));
        Assert.That(Server.Storage.Requests, Has.Count.EqualTo(1));
        Assert.That(Notes, Has.One.Contains("a.bin"));
    }

    [Test]
    public void TheListMayHaveManyPages()
    {
        foreach (int index in Enumerable.Range(0, 23))
        {
            Server.Put($"f{index:00}.txt", $"{index}");
        }

        Server.PageSize = 5;
        Fetch();
        Assert.That(Entries, Has.Length.EqualTo(23));
        Assert.That(Server.Hub.Requests.Count(request => request.Path.Contains("/tree/")), Is.EqualTo(5));
    }

    [Test]
    public void PatternsSelect()
    {
        foreach (string path in new[] { "train/00.zst", "train/01.zst", "train/10.zst", "val.zst", "README.md" })
        {
            Server.Put(path, path);
        }

        Fetch(Request with { Include = ["train/", "val*"], Exclude = ["*/0[!0].zst"] });
        Assert.That(Entries, Is.EqualTo(["train/00.zst", "train/10.zst", "val.zst"]));
        Assert.That(FetchFails(Request with { Include = ["nothing*"] }), Does.Contain("--include").And.Contain("README.md"));
    }

    [TestCase("*.json", "a/b.json", true)]
    [TestCase("a?c", "abc", true)]
    [TestCase("a?c", "abbc", false)]
    [TestCase("a.c", "abc", false)]
    [TestCase("[ab]x", "bx", true)]
    [TestCase("[!ab]x", "bx", false)]
    [TestCase("[]]x", "]x", true)]
    [TestCase("[!]]x", "]x", false)]
    [TestCase("[^a]x", "^x", true)]
    [TestCase("[z-a]x", "zx", false)]
    [TestCase("[0-3]", "2", true)]
    [TestCase("[", "[", true)]
    [TestCase("a[", "a[", true)]
    [TestCase("(a|b)+", "(a|b)+", true)]
    [TestCase("README", "readme", false)]
    public void PatternsMeanWhatShellsMean(string pattern, string path, bool isSelected) =>
        Assert.That(new HubPatterns([pattern], []).Selects(path), Is.EqualTo(isSelected));

    [TestCase("../x")]
    [TestCase("a/../../x")]
    [TestCase("/x")]
    [TestCase("a//x")]
    [TestCase("./x")]
    [TestCase("a\\x")]
    [TestCase("C:x")]
    [TestCase("a\nx")]
    [TestCase(".git/config")]
    [TestCase("nul.txt")]
    [TestCase("x.partial")]
    [TestCase("x.partial.json")]
    [TestCase(".bipe-hub.json")]
    public void PathsThatLeadElsewhereAreRefused(string path)
    {
        Server.Put(path, "bad");
        Server.Put("good.txt", "good");
        string[] before = Directory.GetFileSystemEntries(Root);

        Assert.Throws<BipeException>(() => Fetch());
        Assert.That(Directory.GetFileSystemEntries(Root), Is.EqualTo(before));

        Fetch(Request with { Exclude = [path.Replace("\\", "?")] });
        Assert.That(Entries, Is.EqualTo(["good.txt"]));
    }

    [Test]
    public void AFolderHasFilesOfOneRepository()
    {
        Server.Put("a.txt", "1");
        Fetch();
        Server.Repository = "owner/other";
        Assert.That(FetchFails(), Does.Contain("owner/set").And.Contain("owner/other"));
    }

    [Test]
    public void WhatDoesNotFitTheDiskIsNotBegun()
    {
        Server.HubFault = request => request.Path.Contains("/tree/")
            ? new HttpExchangeAnswer { Body = """[{"type":"file","path":"huge.bin","size":1000000000000000}]"""u8.ToArray() }
            : null;
        Assert.That(FetchFails(), Does.Contain("1000000 GB").And.Contain("free"));
        Assert.That(Directory.Exists(Output), Is.False);
    }

    [Test]
    public void AFullDiskIsToldInASentence()
    {
        if (!File.Exists("/dev/full"))
        {
            Assert.Ignore("This system has no device that is always full.");
        }

        Server.Put("a.bin", Bytes(1000));
        Directory.CreateDirectory(Output);
        File.CreateSymbolicLink(At("a.bin.partial"), "/dev/full");
        Assert.That(FetchFails(), Does.StartWith("The disk is full").And.Contain("a.bin.partial"));
        Assert.That(File.Exists(At("a.bin")), Is.False);
    }

    [Test]
    public void NothingButTheRecordedCommitIsFetched()
    {
        Server.Put("a.txt", "1");
        Server.HubFault = request => request.Path.Contains("/resolve/") ? Server.AnswerHub(request).With("X-Repo-Commit", "other") : null;
        Assert.That(FetchFails(), Does.Contain("commit other").And.Contain(Server.Commit));

        Server.HubFault = null;
        Fetch();
        JsonElement record = JsonElement.Parse(File.ReadAllText(At(".bipe-hub.json")));
        Assert.That(record.GetProperty("commit").GetString(), Is.EqualTo(Server.Commit));
        Assert.That(record.GetProperty("isComplete").GetBoolean(), Is.True);
    }

    [Test]
    public void ANameBecomesAFolderThatIsFetchedOnce()
    {
        Server.Kinds = ["models"];
        Server.Put("config.json", "{}");
        HubRequest request = Request with { Folder = Root };
        string folder = HubFolder.FetchAsync(Options, request).GetAwaiter().GetResult();
        Server.Hub.Forget();
        string again = HubFolder.FetchAsync(Options, request).GetAwaiter().GetResult();

        Assert.That(folder, Is.EqualTo(Path.Combine(Root, "owner", "set")).And.EqualTo(again));
        Assert.That(Server.Hub.Requests, Is.Empty);

        File.Delete(Path.Combine(folder, "config.json"));
        HubFolder.FetchAsync(Options, request).GetAwaiter().GetResult();
        Assert.That(File.ReadAllText(Path.Combine(folder, "config.json")), Is.EqualTo("{}"));
    }

    [TestCase("hzy00/BiPE_RoPE-151M", true)]
    [TestCase("gpt2", true)]
    [TestCase("a/b/c", false)]
    [TestCase("../b", false)]
    [TestCase("a/..", false)]
    [TestCase("/a", false)]
    [TestCase("a b", false)]
    [TestCase("", false)]
    public void NamesAreToldFromPaths(string text, bool isName) => Assert.That(HubFolder.IsName(text), Is.EqualTo(isName));
}

using BiPE.Core.Hub;
using BiPE.Testing.Http;
using FsCheck;
using FsCheck.Fluent;

namespace BiPE.Core.Tests.Hub;

/// <summary>Whatever a server does, the end is the right file, or a clear error and a part that is gone on with.</summary>
public sealed class HubFaultTests : HubTests
{
    private const string Name = "a.bin";
    private const int Size = 100_000;

    private byte[] _content = [];
    private int _tries;

    [SetUp]
    public void PutFile()
    {
        _content = Bytes(Size);
        _tries = 0;
        Server.Put(Name, _content);
    }

    [Test]
    public void ACutConnectionIsGoneOnWithWhereItEnded()
    {
        FaultFirst(1, truth => truth with { CutAfter = 40_000 });
        Fetch();
        RequireRight();
        Assert.That(Starts, Is.EqualTo(new long?[] { null, 40_000 }));
    }

    [Test]
    public void ConnectionsThatBringMuchAreNoFailures()
    {
        _content = Bytes(12_000_000);
        Server.Put(Name, _content);
        Server.StorageFault = request => Server.AnswerStorage(request) with { CutAfter = 1_200_000 };
        Fetch(options: Options with { Retries = 1 });
        RequireRight();
        Assert.That(Starts, Has.Length.EqualTo(10));
    }

    [Test]
    public void ConnectionsThatBringLittleCountTogether()
    {
        _content = Bytes(6_000_000);
        Server.Put(Name, _content);
        Server.StorageFault = request => Server.AnswerStorage(request) with { CutAfter = 600_000 };
        Fetch(options: Options with { Retries = 2 });
        RequireRight();
        Assert.That(Starts, Has.Length.EqualTo(10));
    }

    [Test]
    public void TheNextFetchGoesOnWithThePart()
    {
        LeavePart(Name, 40_000);
        Assert.That(Read(Name + ".partial"), Is.EqualTo(_content[..40_000]));
        Fetch();
        RequireRight();
        Assert.That(Starts, Is.EqualTo(new long?[] { 40_000 }));
    }

    [Test]
    public void AnEndlessFailureEndsWithASentenceAndThePart()
    {
        Server.StorageFault = request => request.RangeStart is null
            ? Server.AnswerStorage(request) with { CutAfter = 40_000 }
            : HttpExchangeAnswer.Of(503);
        Assert.That(FetchFails(), Does.Contain(Name).And.Contain("503").And.Contain("40000 of its 100000 bytes are kept"));
        Assert.That(Read(Name + ".partial"), Is.EqualTo(_content[..40_000]));
        Assert.That(Starts, Has.Length.EqualTo(4), "one try and three more");
    }

    [Test]
    public void PausesVaryAndFollowRetryAfter()
    {
        FaultFirst(3, _ => HttpExchangeAnswer.Of(500));
        Fetch();
        RequireRight();
        Assert.That(Time.Pauses, Has.Count.EqualTo(3).And.All.LessThan(TimeSpan.FromMinutes(1)));
        Assert.That(Time.Pauses.Distinct().Count(), Is.EqualTo(3), "jitter");

        File.Delete(At(Name));
        FaultFirst(1, _ => HttpExchangeAnswer.Of(429, ("Retry-After", "77")));
        Fetch();
        RequireRight();
        Assert.That(Time.Pauses[^1], Is.EqualTo(TimeSpan.FromSeconds(77)));
    }

    [Test]
    public void AServerThatWantsAnHoursPauseEndsTheFetch()
    {
        FaultFirst(1, _ => HttpExchangeAnswer.Of(429, ("Retry-After", "3600")));
        Assert.That(FetchFails(), Does.Contain("60 minutes"));
        Assert.That(Time.Pauses, Is.Empty);
    }

    [TestCase(416)]
    [TestCase(200)]
    [TestCase(206)]
    public void AServerThatCannotGiveTheRestGivesAll(int status)
    {
        LeavePart(Name, 40_000);
        Server.StorageFault = request => (status, request.RangeStart) switch
        {
            (_, null) => null,
            (416, _) => HttpExchangeAnswer.Of(416),
            (200, _) => new HttpExchangeAnswer { Body = _content },
            _ => (Server.AnswerStorage(request) with { Body = _content[..60_000] }).With("Content-Range", $"bytes 0-59999/{Size}"),
        };
        Fetch();
        RequireRight();
    }

    [Test]
    public void AFailingRangeKeepsThePartUntilAllComes()
    {
        LeavePart(Name, 40_000);
        Server.StorageFault = request => HttpExchangeAnswer.Of(request.RangeStart is null ? 500 : 416);
        FetchFails();
        Assert.That(Read(Name + ".partial"), Is.EqualTo(_content[..40_000]));
    }

    [TestCase("bytes 39999-99999/100000")]
    [TestCase("bytes 40000-99999/100001")]
    [TestCase("bytes 40000-100000/100001")]
    [TestCase("items 40000-99999/100000")]
    [TestCase("nonsense")]
    public void AnotherRangeThanAskedForIsNotBelieved(string range)
    {
        LeavePart(Name, 40_000);
        Server.StorageFault = request => request.RangeStart is null ? null : Server.AnswerStorage(request).With("Content-Range", range);
        Fetch();
        RequireRight();
        Assert.That(Starts, Is.EqualTo(new long?[] { 40_000, null }));
    }

    [Test]
    public void APartOfTheRangeIsTakenAndTheRestAskedFor()
    {
        LeavePart(Name, 40_000);
        FaultFirst(1, truth => (truth with { Body = _content[40_000..70_000] }).With("Content-Range", $"bytes 40000-69999/{Size}"));
        Fetch();
        RequireRight();
        Assert.That(Starts, Is.EqualTo(new long?[] { 40_000, 70_000 }));
    }

    [Test]
    public void LengthsThatLieAreNotBelieved([Values(Size - 1, Size + 1, 0)] int announced)
    {
        FaultFirst(1, truth => truth with { AnnouncedLength = announced });
        Fetch();
        RequireRight();

        File.Delete(At(Name));
        FaultFirst(int.MaxValue, truth => truth with { AnnouncedLength = announced });
        Assert.That(FetchFails(), Does.Contain($"announced {announced} bytes").And.Contain($"{Size}"));
        Assert.That(Entries, Is.Empty);
    }

    [TestCase(-1)]
    [TestCase(1)]
    public void BodiesOfUnannouncedWrongLengthAreNotTaken(int difference)
    {
        byte[] wrong = Bytes(Size + difference, seed: 1);
        FaultFirst(1, truth => truth with { Body = wrong, IsChunked = true });
        Fetch();
        RequireRight();

        File.Delete(At(Name));
        FaultFirst(int.MaxValue, truth => truth with { Body = wrong, IsChunked = true });
        FetchFails();
        Assert.That(File.Exists(At(Name)), Is.False);
    }

    [Test]
    public void AnUnannouncedLengthIsNoFault()
    {
        FaultFirst(int.MaxValue, truth => truth with { IsChunked = true });
        Fetch();
        RequireRight();
        Assert.That(Starts, Has.Length.EqualTo(1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void AWrongHashIsAnErrorAndLeavesNoPart(bool isLarge)
    {
        Server.Put(Name, _content, isLarge);
        Server.Put("b.txt", "fine");
        byte[] wrong = Bytes(Size, seed: 2);
        Func<HttpExchangeRequest, HttpExchangeAnswer?> lie = request =>
            request.Path.EndsWith(Name, StringComparison.Ordinal) ? new HttpExchangeAnswer { Body = wrong } : null;
        Server.StorageFault = isLarge ? lie : null;
        Server.HubFault = isLarge ? null : lie;
        Assert.That(FetchFails(), Does.Contain(Name).And.Contain(isLarge ? "SHA-256" : "SHA-1").And.Contain("removed"));
        Assert.That(Entries, Is.EqualTo(["b.txt"]), "the others come");
    }

    [Test]
    public void DamagedPartsAreFetchedOnceMore()
    {
        LeavePart(Name, 40_000);
        File.WriteAllBytes(At(Name + ".partial"), new byte[40_000]);
        Fetch();
        RequireRight();
        Assert.That(Starts, Is.EqualTo(new long?[] { 40_000, null }));
        Assert.That(Notes, Has.One.Contains("from the start"));
    }

    [Test]
    public void TheHubsWordsInTheRedirectMustAgreeWithItsList([Values("X-Linked-Size", "X-Linked-ETag")] string header)
    {
        string lie = header == "X-Linked-Size" ? "5" : new string('0', 64);
        Server.HubFault = request => request.Path.Contains("/resolve/") ? Server.AnswerHub(request).With(header, lie) : null;
        Assert.That(FetchFails(), Does.Contain(lie));
        Assert.That(Entries, Is.Empty);
    }

    [Test]
    public void PartsOfAnotherContentAreDropped([Values(Size, Size + 5)] int size)
    {
        LeavePart(Name, 40_000);
        Server.Commit = new string('2', 40);
        _content = Bytes(size, seed: 3);
        Server.Put(Name, _content);
        Fetch();
        RequireRight();
        Assert.That(Starts, Is.EqualTo(new long?[] { null }));
        Assert.That(Notes, Has.One.Contains("another"));
    }

    [Test]
    public void ANewCommitWithTheSameContentGoesOnWithThePart()
    {
        LeavePart(Name, 40_000);
        Server.Commit = new string('2', 40);
        Fetch();
        RequireRight();
        Assert.That(Starts, Is.EqualTo(new long?[] { 40_000 }));
    }

    [Test]
    public void AFileThatChangedOnTheHubReplacesTheFetchedOne()
    {
        Fetch();
        Server.Commit = new string('2', 40);
        _content = Bytes(Size, seed: 3);
        Server.Put(Name, _content);
        Fetch();
        RequireRight();
    }

    [Test]
    public void WithoutHashesTheServersTagKeepsContentsApart()
    {
        Server.NamesHashes = false;
        LeavePart(Name, 40_000);
        _content = Bytes(Size, seed: 3);
        Server.Put(Name, _content);
        Fetch();
        RequireRight();
        Assert.That(Server.Storage.Requests[0].Header("If-Range"), Is.Not.Null);

        LeaveFolder();
        LeavePart(Name, 40_000);
        Server.Commit = new string('2', 40);
        Fetch();
        RequireRight();
        Assert.That(Starts, Is.EqualTo(new long?[] { null }), "another commit may have another content");
    }

    [Test]
    public void SilenceEndsAConnection()
    {
        FaultFirst(1, truth => truth with { CutAfter = 40_000, Stalls = true });
        Fetch(options: Options with { StallTimeout = TimeSpan.FromSeconds(1) });
        RequireRight();
        Assert.That(Starts, Is.EqualTo(new long?[] { null, 40_000 }));
        Assert.That(Notes, Has.One.Contains("sent nothing for 1 seconds"));
    }

    [Test]
    public void AnExpiredAddressOfTheStorageIsAskedForAgain()
    {
        FaultFirst(1, _ => HttpExchangeAnswer.Of(403));
        Fetch();
        RequireRight();
        Assert.That(Server.Hub.Requests.Count(request => request.Path.Contains("/resolve/")), Is.EqualTo(2));
    }

    [Test]
    public void AStoppedFetchKeepsThePart()
    {
        using var stop = new CancellationTokenSource();
        FaultFirst(1, truth => truth with { CutAfter = 40_000, Stalls = true });
        using HubFetch fetch = HubFetch.PrepareAsync(Options, Request).GetAwaiter().GetResult();
        Task work = fetch.RunAsync(stop.Token);
        Assert.That(() => fetch.BytesDone, Is.EqualTo(40_000).After(10_000, 10));
        stop.Cancel();
        Assert.That(async () => await work, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Read(Name + ".partial"), Is.EqualTo(_content[..40_000]));

        Fetch();
        RequireRight();
        Assert.That(Starts, Is.EqualTo(new long?[] { null, 40_000 }));
    }

    [Test]
    public void ManyFailuresEndTheFetchEarly()
    {
        foreach (int index in Enumerable.Range(0, 30))
        {
            Server.Put($"f{index}.bin", Bytes(10));
        }

        Server.StorageFault = _ => HttpExchangeAnswer.Of(500);
        Assert.That(FetchFails(Request with { Parallel = 2 }, Options with { Retries = 0 }), Does.Contain("31 of 31 files"));
        Assert.That(Starts, Has.Length.LessThan(5));
    }

    [Test]
    public void AnySeriesOfFaultsEndsRightOrWithABeginningOfTheFile() => Prop.ForAll(Gen.Choose(0, 9).ArrayOf().ToArbitrary(), faults =>
    {
        LeaveFolder();
        int index = -1;
        Server.StorageFault = request => Interlocked.Increment(ref index) < faults.Length ? Lie(faults[index], request) : null;
        try
        {
            Fetch();
            return Read(Name).SequenceEqual(_content) && Entries.Length == 1;
        }
        catch (BipeException)
        {
            byte[] part = Entries.Contains(Name + ".partial") ? Read(Name + ".partial") : [];
            bool isBeginning = !File.Exists(At(Name)) && part.AsSpan().SequenceEqual(_content.AsSpan(0, part.Length));
            Server.StorageFault = null;
            Fetch();
            return isBeginning && Read(Name).SequenceEqual(_content);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(20240116, 42421));

    private long?[] Starts => [.. Server.Storage.Requests.Select(request => request.RangeStart)];

    private void RequireRight()
    {
        Assert.That(Read(Name), Is.EqualTo(_content));
        Assert.That(Entries, Is.EqualTo([Name]), "no parts are left");
    }

    private void FaultFirst(int count, Func<HttpExchangeAnswer, HttpExchangeAnswer> lie)
    {
        _tries = 0;
        Server.StorageFault = request => Interlocked.Increment(ref _tries) <= count ? lie(Server.AnswerStorage(request)) : null;
    }

    private void LeaveFolder()
    {
        if (Directory.Exists(Output))
        {
            Directory.Delete(Output, recursive: true);
        }

        Server.Storage.Forget();
    }

    /// <summary>Lies that a careful client sees before it takes bytes, so that the part is always a beginning.</summary>
    private HttpExchangeAnswer Lie(int kind, HttpExchangeRequest request)
    {
        HttpExchangeAnswer truth = Server.AnswerStorage(request);
        return kind switch
        {
            0 => truth with { CutAfter = 0 },
            1 => truth with { CutAfter = Size / 3 },
            2 => HttpExchangeAnswer.Of(500),
            3 => HttpExchangeAnswer.Of(429, ("Retry-After", "1")),
            4 => HttpExchangeAnswer.Of(416),
            5 => truth with { AnnouncedLength = truth.Body.Length + 7 },
            6 => truth with { AnnouncedLength = truth.Body.Length / 2 },
            7 => truth with { Status = 206 },
            8 => truth with { Status = 200, Body = _content },
            _ => HttpExchangeAnswer.Of(403),
        };
    }
}

using System.Collections.Concurrent;
using BiPE.Core.Hub;
using BiPE.Testing;
using BiPE.Testing.Http;

namespace BiPE.Core.Tests.Hub;

/// <summary>A hub and a folder for each test.</summary>
public abstract class HubTests
{
    private TemporaryFolder _folder = null!;

    protected HubServer Server { get; private set; } = null!;

    protected InstantTime Time { get; private set; } = null!;

    protected ConcurrentQueue<string> Notes { get; } = new();

    protected string Root => _folder.Path;

    /// <summary>Folder of the fetch.</summary>
    protected string Output => _folder.At("out");

    protected HubOptions Options => new()
    {
        Endpoint = Server.Hub.Address,
        Retries = 3,
        StallTimeout = TimeSpan.FromSeconds(20),
        Time = Time,
    };

    protected HubRequest Request => new() { Repository = Server.Repository, Folder = Output };

    /// <summary>Names of everything in the folder but the record.</summary>
    protected string[] Entries => Directory.Exists(Output)
        ? [.. Directory.EnumerateFiles(Output, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Output, path).Replace('\\', '/')).Where(name => name != ".bipe-hub.json").Order(StringComparer.Ordinal)]
        : [];

    [SetUp]
    public void Start()
    {
        Server = new HubServer();
        _folder = new TemporaryFolder();
        Time = new InstantTime();
        Notes.Clear();
    }

    [TearDown]
    public void Stop()
    {
        Server.Dispose();
        _folder.Dispose();
    }

    /// <summary>Bytes that differ everywhere and from seed to seed.</summary>
    protected static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    protected string At(string name) => Path.Combine(Output, name);

    protected byte[] Read(string name) => File.ReadAllBytes(At(name));

    protected HubFetch Fetch(HubRequest? request = null, HubOptions? options = null)
    {
        HubFetch fetch = HubFetch.PrepareAsync(options ?? Options, request ?? Request, Notes.Enqueue).GetAwaiter().GetResult();
        try
        {
            fetch.RunAsync().GetAwaiter().GetResult();
            return fetch;
        }
        finally
        {
            fetch.Dispose();
        }
    }

    protected string FetchFails(HubRequest? request = null, HubOptions? options = null)
    {
        string message = Assert.Throws<BipeException>(
            () => ThrowPlain(() => Fetch(request, options)), "the fetch must fail")!.Message;
        Assert.That(message, Does.EndWith(".").And.Not.Contain("\n"));
        return message;
    }

    /// <summary>The file that is fetched in part, from a server that was cut off.</summary>
    protected void LeavePart(string path, int length)
    {
        Server.StorageFault = request => Server.AnswerStorage(request) with { CutAfter = length };
        FetchFails(options: Options with { Retries = 0 });
        Server.StorageFault = null;
        Server.Storage.Forget();
        Assert.That(new FileInfo(At(path + ".partial")).Length, Is.EqualTo(length));
    }

    /// <summary>Exceptions of derived types count as what they are to the user.</summary>
    private static void ThrowPlain(Action action)
    {
        try
        {
            action();
        }
        catch (BipeException e)
        {
            throw new BipeException(e.Message, e);
        }
    }
}

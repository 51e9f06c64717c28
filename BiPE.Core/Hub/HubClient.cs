using System.Text.Json;
using System.Text.RegularExpressions;

namespace BiPE.Core.Hub;

/// <summary>The hub's interface for programs: which commit a revision is, which files it has, where they lie.</summary>
internal sealed partial class HubClient : IDisposable
{
    /// <summary>An answer larger than this is none of a hub; a page lists a thousand files in some hundred kilobytes.</summary>
    private const int LargestAnswer = 64 << 20;

    private readonly string _endpoint;
    private readonly Action<string> _note;

    public HubClient(HubOptions options, Action<string> note)
    {
        Options = options;
        Connection = new HubConnection(options);
        _endpoint = options.Endpoint.AbsoluteUri.TrimEnd('/');
        _note = note;
    }

    public HubOptions Options { get; }

    public HubConnection Connection { get; }

    /// <summary>Lists the files of a revision.</summary>
    /// <param name="repository">Name, <c>owner/name</c>.</param>
    /// <param name="type">What it holds; null to find out.</param>
    /// <param name="revision">Branch, tag or commit.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="BipeException">There is no such thing, it may not be read, or the hub cannot be reached.</exception>
    public async Task<HubSnapshot> ListAsync(string repository, HubRepositoryType? type, string revision, CancellationToken cancellation)
    {
        RequireName(repository);
        (HubRepositoryType found, string commit) = await ResolveAsync(repository, type, revision, cancellation);
        var files = new Dictionary<string, HubFile>(StringComparer.Ordinal);
        var pages = new HashSet<Uri>();
        Uri? page = new($"{Api(repository, found)}/tree/{Uri.EscapeDataString(commit)}?recursive=true&expand=false");
        string list = $"the list of files of {Describe(repository, found)}";
        while (page is not null && pages.Add(page))
        {
            (JsonElement entries, page) = await GetAsync(page, list, (body, next) => (body, next), repository, found, revision, cancellation);
            foreach (HubFile file in HubListing.ReadFiles(entries, list))
            {
                files[file.Path] = file;
            }
        }

        return new HubSnapshot(repository, found, revision, commit, [.. files.Values.OrderBy(file => file.Path, StringComparer.Ordinal)]);
    }

    /// <summary>Where a file of a snapshot lies.</summary>
    public Uri AddressOf(HubSnapshot snapshot, HubFile file)
    {
        string path = string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString));
        return new Uri($"{PageOf(snapshot.Repository, snapshot.Type)}/resolve/{Uri.EscapeDataString(snapshot.Commit)}/{path}");
    }

    /// <summary>Tells what to do about a refusal.</summary>
    public BipeException Explain(HubRefusal refusal, HubSnapshot snapshot, HubFile file) => refusal.Explain(
        Options, $"'{file.Path}' of {Describe(snapshot.Repository, snapshot.Type)}", PageOf(snapshot.Repository, snapshot.Type), snapshot.Revision);

    public void Dispose() => Connection.Dispose();

    private static string Describe(string repository, HubRepositoryType type) => $"the {(type == HubRepositoryType.Dataset ? "data set" : "model")} '{repository}'";

    private static void RequireName(string repository)
    {
        if (!HubFolder.IsName(repository))
        {
            throw new BipeException($"'{repository}' is no name of a repository, expected owner/name as in the address of its page, for instance monology/pile-uncopyrighted.");
        }
    }

    private string PageOf(string repository, HubRepositoryType type) => $"{_endpoint}/{(type == HubRepositoryType.Dataset ? "datasets/" : "")}{repository}";

    private string Api(string repository, HubRepositoryType type) => $"{_endpoint}/api/{(type == HubRepositoryType.Dataset ? "datasets" : "models")}/{repository}";

    private async Task<(HubRepositoryType Type, string Commit)> ResolveAsync(
        string repository, HubRepositoryType? type, string revision, CancellationToken cancellation)
    {
        if (type is { } known)
        {
            return (known, await ReadCommitAsync(repository, known, revision, cancellation));
        }

        // Names say nothing about types, so both are asked for.
        var found = new List<(HubRepositoryType Type, string Commit)>();
        var refusals = new List<(HubRepositoryType Type, HubRefusal Refusal)>();
        foreach (HubRepositoryType candidate in Enum.GetValues<HubRepositoryType>())
        {
            try
            {
                found.Add((candidate, await ReadCommitAsync(repository, candidate, revision, cancellation)));
            }
            catch (BipeException e) when (e.InnerException is HubRefusal { IsThere: true } or HubRefusal { MayBeMissing: true })
            {
                refusals.Add((candidate, (HubRefusal)e.InnerException));
            }
        }

        if (found.Count > 1)
        {
            throw new BipeException($"'{repository}' is a data set and a model on {Options.Endpoint.Authority}; say which with --type dataset or --type model.");
        }

        return found.Count == 1 ? found[0] : throw ExplainNone(repository, revision, refusals);
    }

    private BipeException ExplainNone(string repository, string revision, List<(HubRepositoryType Type, HubRefusal Refusal)> refusals)
    {
        var (type, refusal) = refusals.OrderByDescending(entry => entry.Refusal.IsThere).First();
        string subject = refusal.IsThere ? Describe(repository, type) : $"a data set or model '{repository}'";
        return refusal.Explain(Options, subject, PageOf(repository, type), revision);
    }

    private Task<string> ReadCommitAsync(string repository, HubRepositoryType type, string revision, CancellationToken cancellation)
    {
        var address = new Uri($"{Api(repository, type)}/revision/{Uri.EscapeDataString(revision)}");
        string subject = Describe(repository, type);
        return GetAsync(address, subject, (body, _) => HubListing.ReadCommit(body, subject), repository, type, revision, cancellation);
    }

    private async Task<T> GetAsync<T>(
        Uri address, string subject, Func<JsonElement, Uri?, T> read, string repository, HubRepositoryType type, string revision, CancellationToken cancellation)
    {
        try
        {
            return await new HubRetry(Options, subject, _note).RunAsync(async token => await TryGetAsync(address, read, token), cancellation);
        }
        catch (HubRefusal refusal)
        {
            throw refusal.Explain(Options, subject, PageOf(repository, type), revision);
        }
        catch (TransientHubFault fault)
        {
            throw new BipeException(
                $"Cannot get {subject}: {Options.Endpoint.Authority} {fault.Message}; check the connection, proxy and --endpoint, or try again later.", fault);
        }
    }

    private async Task<T> TryGetAsync<T>(Uri address, Func<JsonElement, Uri?, T> read, CancellationToken cancellation)
    {
        using var guard = new NetworkGuard(Options.StallTimeout, cancellation);
        using HubResponse response = await Connection.GetAsync(address, null, guard);
        using var answer = new MemoryStream();
        await using Stream body = await guard.RunAsync(async token => await response.OpenBodyAsync(token));
        var buffer = new byte[1 << 16];
        int count;
        while ((count = await guard.RunAsync(token => body.ReadAsync(buffer, token))) > 0)
        {
            answer.Write(buffer, 0, count);
            if (answer.Length > LargestAnswer)
            {
                throw new TransientHubFault($"sent more than {LargestAnswer >> 20} MiB where a list was expected");
            }
        }

        return read(Parse(answer), NextPage(address, response));
    }

    private static JsonElement Parse(MemoryStream answer)
    {
        try
        {
            return JsonElement.Parse(answer.GetBuffer().AsSpan(0, (int)answer.Length));
        }
        catch (JsonException e)
        {
            // Proxies and login pages of networks answer for others.
            throw new TransientHubFault("sent something that is not JSON, as a proxy or a login page does", null, e);
        }
    }

    private static Uri? NextPage(Uri address, HubResponse response)
    {
        Match link = NextLink().Match(string.Join(",", response.Links));
        return link.Success && Uri.TryCreate(address, link.Groups[1].Value, out Uri? next) ? next : null;
    }

    /// <summary>A link with the relation "next" (RFC 8288).</summary>
    [GeneratedRegex("<([^>]*)>[^<]*;\\s*rel=\"?next\\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NextLink();
}

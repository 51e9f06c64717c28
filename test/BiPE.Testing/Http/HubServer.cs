using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BiPE.Testing.Http;

/// <summary>
/// A Hugging Face hub with one repository, and the second host that it redirects large files to. Tests put faults before
/// either's true answer.
/// </summary>
public sealed class HubServer : IDisposable
{
    private readonly SortedDictionary<string, (byte[] Content, bool IsLarge)> _files = new(StringComparer.Ordinal);

    /// <summary>Starts the hub of an empty data set.</summary>
    public HubServer()
    {
        Storage = new LoopbackServer(request => StorageFault?.Invoke(request) ?? AnswerStorage(request));
        Hub = new LoopbackServer(request => HubFault?.Invoke(request) ?? AnswerHub(request));
    }

    /// <summary>The hub itself.</summary>
    public LoopbackServer Hub { get; }

    /// <summary>Where large files lie.</summary>
    public LoopbackServer Storage { get; }

    /// <summary>Name of the repository.</summary>
    public string Repository { get; set; } = "owner/set";

    /// <summary>What the repository is there: <c>datasets</c>, <c>models</c> or both.</summary>
    public IReadOnlyList<string> Kinds { get; set; } = ["datasets"];

    /// <summary>The commit of the revision <c>main</c>.</summary>
    public string Commit { get; set; } = "1111111111111111111111111111111111111111";

    /// <summary>Entries of a page of the list.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>Whether the list names hashes.</summary>
    public bool NamesHashes { get; set; } = true;

    /// <summary>Answers in place of the hub, where it is not null.</summary>
    public Func<HttpExchangeRequest, HttpExchangeAnswer?>? HubFault { get; set; }

    /// <summary>Answers in place of the storage, where it is not null.</summary>
    public Func<HttpExchangeRequest, HttpExchangeAnswer?>? StorageFault { get; set; }

    /// <summary>Makes or replaces a file.</summary>
    /// <param name="path">Path in the repository.</param>
    /// <param name="content">Its content.</param>
    /// <param name="isLarge">Whether it lies in the storage and is known by its SHA-256.</param>
    public void Put(string path, byte[] content, bool isLarge = true)
    {
        lock (_files)
        {
            _files[path] = (content, isLarge);
        }
    }

    /// <summary>Makes or replaces a small text.</summary>
    /// <param name="path">Path in the repository.</param>
    /// <param name="text">Its content.</param>
    public void Put(string path, string text) => Put(path, Encoding.UTF8.GetBytes(text), isLarge: false);

    /// <summary>The true answer of the storage.</summary>
    /// <param name="request">The request.</param>
    public HttpExchangeAnswer AnswerStorage(HttpExchangeRequest request)
    {
        byte[] content = Content(request.Path.TrimStart('/')).Content;
        return Serve(content, request);
    }

    /// <summary>The true answer of the hub.</summary>
    /// <param name="request">The request.</param>
    public HttpExchangeAnswer AnswerHub(HttpExchangeRequest request)
    {
        foreach (string kind in Kinds)
        {
            string api = $"/api/{kind}/{Repository}";
            string files = $"{(kind == "models" ? "" : "/datasets")}/{Repository}/resolve/{Commit}/";
            if (request.Path == $"{api}/revision/main" || request.Path == $"{api}/revision/{Commit}")
            {
                return Json(new { sha = Commit });
            }

            if (request.Path == $"{api}/tree/{Commit}")
            {
                return AnswerList(request);
            }

            if (request.Path.StartsWith(files, StringComparison.Ordinal))
            {
                return AnswerFile(request.Path[files.Length..], request);
            }

            if (request.Path.StartsWith($"{api}/", StringComparison.Ordinal))
            {
                return HttpExchangeAnswer.Of(404, ("X-Error-Code", "RevisionNotFound"));
            }
        }

        return HttpExchangeAnswer.Of(401, ("X-Error-Code", "RepoNotFound"), ("X-Error-Message", "Repository not found"));
    }

    /// <summary>Stops both hosts.</summary>
    public void Dispose()
    {
        Hub.Dispose();
        Storage.Dispose();
    }

    private static HttpExchangeAnswer Json(object value) =>
        new() { Body = JsonSerializer.SerializeToUtf8Bytes(value), Headers = new Dictionary<string, string> { ["Content-Type"] = "application/json" } };

    private static HttpExchangeAnswer Serve(byte[] content, HttpExchangeRequest request)
    {
        string tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}\"";
        bool isUnchanged = request.Header("If-Range") is not { } wanted || wanted == tag;
        var whole = new HttpExchangeAnswer { Body = content }.With("ETag", tag);
        if (request.RangeStart is not { } start || !isUnchanged)
        {
            return whole;
        }

        return start < content.Length
            ? (whole with { Status = 206, Body = content[(int)start..] }).With("Content-Range", $"bytes {start}-{content.Length - 1}/{content.Length}")
            : HttpExchangeAnswer.Of(416, ("Content-Range", $"bytes */{content.Length}"));
    }

    private (byte[] Content, bool IsLarge) Content(string path)
    {
        lock (_files)
        {
            return _files[path];
        }
    }

    private HttpExchangeAnswer AnswerFile(string path, HttpExchangeRequest request)
    {
        (byte[] content, bool isLarge) = Content(path);
        if (!isLarge)
        {
            return Serve(content, request).With("X-Repo-Commit", Commit);
        }

        string location = $"{Storage.Address.AbsoluteUri.TrimEnd('/')}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}";
        return HttpExchangeAnswer.Of(
            302, ("Location", location), ("X-Repo-Commit", Commit), ("X-Linked-Size", $"{content.Length}"),
            ("X-Linked-ETag", $"\"{Convert.ToHexStringLower(SHA256.HashData(content))}\""));
    }

    private HttpExchangeAnswer AnswerList(HttpExchangeRequest request)
    {
        int start = request.Target.Split("cursor=") is [_, var cursor] ? int.Parse(cursor) : 0;
        object[] entries;
        lock (_files)
        {
            entries =
            [
                new { type = "directory", oid = "0", size = 0, path = "train" },
                .. _files.Select(file => Describe(file.Key, file.Value.Content, file.Value.IsLarge)),
            ];
        }

        HttpExchangeAnswer answer = Json(entries.Skip(start).Take(PageSize));
        string next = $"<{Hub.Address.AbsoluteUri.TrimEnd('/')}{request.Target.Split("&cursor=")[0]}&cursor={start + PageSize}>; rel=\"next\"";
        return start + PageSize < entries.Length ? answer.With("Link", next) : answer;
    }

    private object Describe(string path, byte[] content, bool isLarge)
    {
        if (!NamesHashes)
        {
            return new { type = "file", size = content.Length, path };
        }

        // Of a large file git has a small pointer, whose hash must not be taken for the file's.
        byte[] blob = isLarge ? "a pointer"u8.ToArray() : content;
#pragma warning disable CA5350 // These are git's names of contents, no secrets.
        string oid = Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {blob.Length}\0"), .. blob]));
#pragma warning restore CA5350
        return isLarge
            ? new { type = "file", oid, size = content.Length, path, lfs = new { oid = Convert.ToHexStringLower(SHA256.HashData(content)), size = content.Length, pointerSize = 134 } }
            : new { type = "file", oid, size = content.Length, path };
    }
}

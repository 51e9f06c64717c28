using System.Net;

namespace BiPE.Core.Hub;

/// <summary>The answer at the end of the redirects, with what the hub said on the way.</summary>
internal sealed class HubResponse : IDisposable
{
    private readonly HttpResponseMessage _message;

    public HubResponse(HttpResponseMessage message, IReadOnlyDictionary<string, string> hubHeaders)
    {
        _message = message;
        Commit = hubHeaders.GetValueOrDefault(CommitHeader);
        LinkedHash = hubHeaders.GetValueOrDefault(LinkedTagHeader)?.Replace("W/", "", StringComparison.Ordinal).Trim('"');
        LinkedSize = long.TryParse(hubHeaders.GetValueOrDefault(LinkedSizeHeader), out long size) ? size : null;
    }

    public const string CommitHeader = "X-Repo-Commit";
    public const string LinkedTagHeader = "X-Linked-ETag";
    public const string LinkedSizeHeader = "X-Linked-Size";

    public HttpStatusCode Status => _message.StatusCode;

    public System.Net.Http.Headers.HttpContentHeaders ContentHeaders => _message.Content.Headers;

    /// <summary>Addresses of further pages and the like (header Link), as they stand.</summary>
    public IEnumerable<string> Links => _message.Headers.TryGetValues("Link", out IEnumerable<string>? values) ? values : [];

    /// <summary>The tag that identifies exactly these bytes; null if there is none or it is a weak one.</summary>
    public string? StrongTag => _message.Headers.ETag is { IsWeak: false } tag ? tag.Tag : null;

    /// <summary>The commit the file is of, if the hub says it.</summary>
    public string? Commit { get; }

    /// <summary>SHA-256 of a file that the hub keeps elsewhere, if it says it.</summary>
    public string? LinkedHash { get; }

    /// <summary>Bytes of a file that the hub keeps elsewhere, if it says it.</summary>
    public long? LinkedSize { get; }

    public Task<Stream> OpenBodyAsync(CancellationToken cancellation) => _message.Content.ReadAsStreamAsync(cancellation);

    public void Dispose() => _message.Dispose();
}

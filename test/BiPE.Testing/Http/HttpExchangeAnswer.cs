namespace BiPE.Testing.Http;

/// <summary>What a <see cref="LoopbackServer"/> sends, truth or lie.</summary>
public sealed record HttpExchangeAnswer
{
    /// <summary>Status code.</summary>
    public int Status { get; init; } = 200;

    /// <summary>Headers beside the length.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The body.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>The announced length of the body; null for the true one.</summary>
    public long? AnnouncedLength { get; init; }

    /// <summary>Whether the body goes in chunks, without a length announced.</summary>
    public bool IsChunked { get; init; }

    /// <summary>After how many bytes of the body the connection is cut; null for not at all.</summary>
    public int? CutAfter { get; init; }

    /// <summary>Whether the connection stays open and silent where it would be cut.</summary>
    public bool Stalls { get; init; }

    /// <summary>An answer without a body.</summary>
    /// <param name="status">Status code.</param>
    /// <param name="headers">Headers.</param>
    public static HttpExchangeAnswer Of(int status, params (string Name, string Value)[] headers) =>
        new() { Status = status, Headers = headers.ToDictionary(header => header.Name, header => header.Value) };

    /// <summary>The same with one more header.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    public HttpExchangeAnswer With(string name, string value) => this with { Headers = new Dictionary<string, string>(Headers) { [name] = value } };
}

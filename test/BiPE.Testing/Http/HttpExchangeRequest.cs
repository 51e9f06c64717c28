namespace BiPE.Testing.Http;

/// <summary>A request that a <see cref="LoopbackServer"/> got.</summary>
/// <param name="Target">Path and query; a proxy gets a whole address.</param>
/// <param name="Headers">Its headers; names in any case.</param>
public sealed record HttpExchangeRequest(string Target, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The path without the query, decoded, whether or not a whole address was asked for.</summary>
    public string Path => Uri.UnescapeDataString(Target.StartsWith('/') ? Target.Split('?')[0] : new Uri(Target).AbsolutePath);

    /// <summary>A header; null if it was not sent.</summary>
    /// <param name="name">Its name.</param>
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>The first byte of the range that was asked for; null for the whole file.</summary>
    public long? RangeStart => Header("Range") is { } range ? long.Parse(range["bytes=".Length..].TrimEnd('-')) : null;
}

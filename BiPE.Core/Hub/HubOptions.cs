namespace BiPE.Core.Hub;

/// <summary>How to reach a Hugging Face hub. Proxies are taken from the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY).</summary>
public sealed record HubOptions
{
    /// <summary>The public hub.</summary>
    public static readonly Uri PublicEndpoint = new("https://huggingface.co");

    /// <summary>Address of the hub or of a mirror of it: http or https, possibly with a path.</summary>
    public Uri Endpoint { get; init; } = PublicEndpoint;

    /// <summary>
    /// Access token; null for none. It is sent to <see cref="Endpoint"/> alone, never to hosts that redirects lead to, and
    /// only over https or to this machine.
    /// </summary>
    public string? Token { get; init; }

    /// <summary>How often in a row a request is repeated that failed for a passing reason, without any progress in between; at least 0.</summary>
    public int Retries { get; init; } = 8;

    /// <summary>How long a connection may stay silent before it is given up.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Measures the pauses before repetitions.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// The conventions of Hugging Face's own tools: the endpoint of <c>HF_ENDPOINT</c>; the token of <c>HF_TOKEN</c>, else of the
    /// file that <c>HF_TOKEN_PATH</c> names, else of the file <c>token</c> in the folder <c>HF_HOME</c>, by default
    /// <c>~/.cache/huggingface</c>, where logging in leaves it.
    /// </summary>
    /// <param name="endpoint">Takes the place of <c>HF_ENDPOINT</c>, unless null.</param>
    /// <exception cref="BipeException">The endpoint is no http or https address, or the token file cannot be read.</exception>
    public static HubOptions FromEnvironment(string? endpoint = null)
    {
        string? address = endpoint ?? HubEnvironment.Endpoint;
        return new HubOptions
        {
            Endpoint = address is null ? PublicEndpoint : ParseEndpoint(address, endpoint is null ? "HF_ENDPOINT" : "--endpoint"),
            Token = HubEnvironment.ReadToken(),
        };
    }

    private static Uri ParseEndpoint(string address, string origin) =>
        Uri.TryCreate(address, UriKind.Absolute, out Uri? endpoint)
            && (endpoint.Scheme == Uri.UriSchemeHttps || endpoint.Scheme == Uri.UriSchemeHttp)
            && endpoint.Query.Length == 0 && endpoint.Fragment.Length == 0 && endpoint.UserInfo.Length == 0
            ? endpoint
            : throw new BipeException($"{origin} is '{address}', expected the http or https address of a hub ({PublicEndpoint} for instance).");
}

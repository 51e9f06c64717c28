using System.Net;
using System.Net.Http.Headers;
using System.Reflection;

namespace BiPE.Core.Hub;

/// <summary>
/// Sends single requests to a hub. Redirects are followed here and not by the framework, because a request to the hub must keep
/// its token over a redirect inside the hub, and must lose it to any other host; and because the hub describes large files in the
/// redirect to them.
/// </summary>
internal sealed class HubConnection : IDisposable
{
    private const int MostRedirects = 10;

    private static readonly string[] HubHeaders = [HubResponse.CommitHeader, HubResponse.LinkedTagHeader, HubResponse.LinkedSizeHeader];

    private readonly HubOptions _options;
    private readonly HttpClient _client;
    private readonly bool _maySendToken;

    public HubConnection(HubOptions options)
    {
        _options = options;
        _maySendToken = options.Token is not null && (options.Endpoint.Scheme == Uri.UriSchemeHttps || options.Endpoint.IsLoopback);
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.StallTimeout,

            // Long fetches follow the hub when its name moves to other addresses.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        string? version = typeof(HubConnection).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("bipe", version?.Split('+')[0]));

        // Lengths and ranges mean the file's own bytes only if nothing is compressed on the way.
        _client.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
    }

    /// <summary>Asks for an address and reads the answer's headers; its status is 200, 206 or 416.</summary>
    /// <param name="address">Address.</param>
    /// <param name="range">First byte wanted, if not all are; and the tag that the file must still have.</param>
    /// <param name="guard">Guard of this request.</param>
    /// <exception cref="TransientHubFault">The answer, or that there is none, may be different the next time.</exception>
    /// <exception cref="HubRefusal">The hub does not give it.</exception>
    public async Task<HubResponse> GetAsync(Uri address, (long Start, string? Tag)? range, NetworkGuard guard)
    {
        var hubHeaders = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (int hop = 0; hop <= MostRedirects; hop++)
        {
            bool isHub = IsEndpoint(address);
            HttpResponseMessage message = await guard.RunAsync(async cancellation => await SendAsync(address, isHub, range, cancellation));
            try
            {
                if (isHub)
                {
                    Collect(message, hubHeaders);
                }

                if (message.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable)
                {
                    RequirePlain(message);
                    var response = new HubResponse(message, hubHeaders);
                    message = null!;
                    return response;
                }

                address = (int)message.StatusCode is 301 or 302 or 303 or 307 or 308 ? NextAddress(address, message) : throw Fault(message, isHub);
            }
            finally
            {
                message?.Dispose();
            }
        }

        throw new TransientHubFault($"redirects more than {MostRedirects} times");
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendAsync(Uri address, bool isHub, (long Start, string? Tag)? range, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (isHub && _maySendToken)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.Token);
        }

        if (range is { } wanted)
        {
            request.Headers.Range = new RangeHeaderValue(wanted.Start, null);
            request.Headers.IfRange = wanted.Tag is null ? null : new RangeConditionHeaderValue(wanted.Tag);
        }

        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    private bool IsEndpoint(Uri address) =>
        address.Scheme == _options.Endpoint.Scheme && address.Host == _options.Endpoint.Host && address.Port == _options.Endpoint.Port;

    private static void Collect(HttpResponseMessage message, Dictionary<string, string> hubHeaders)
    {
        foreach (string name in HubHeaders)
        {
            if (message.Headers.TryGetValues(name, out IEnumerable<string>? values))
            {
                hubHeaders.TryAdd(name, values.First());
            }
        }
    }

    private static void RequirePlain(HttpResponseMessage message)
    {
        if (message.Content.Headers.ContentEncoding.FirstOrDefault(encoding => encoding != "identity") is { } encoding)
        {
            throw new TransientHubFault($"sent the file compressed ({encoding}), though it was asked not to");
        }
    }

    private static Uri NextAddress(Uri address, HttpResponseMessage message)
    {
        Uri? location = message.Headers.Location;
        Uri? next = location is null || location.IsAbsoluteUri ? location : new Uri(address, location);
        bool isWeb = next?.Scheme == Uri.UriSchemeHttps || (next?.Scheme == Uri.UriSchemeHttp && address.Scheme == Uri.UriSchemeHttp);
        return isWeb ? next! : throw new TransientHubFault($"redirects to '{next}', which is no address to follow from {address.Scheme}");
    }

    private Exception Fault(HttpResponseMessage message, bool isHub)
    {
        int status = (int)message.StatusCode;
        if (status is 408 or 425 or 429 or >= 500)
        {
            return new TransientHubFault($"answered {status} ({message.ReasonPhrase})", RetryAfter(message));
        }

        // Addresses that the hub redirects to are signed and expire; the hub gives a new one the next time.
        return isHub
            ? new HubRefusal(message.StatusCode, Header(message, "X-Error-Code"), Header(message, "X-Error-Message"), _maySendToken)
            : new TransientHubFault($"leads to {message.RequestMessage!.RequestUri!.Host}, which answered {status} ({message.ReasonPhrase})");
    }

    private TimeSpan? RetryAfter(HttpResponseMessage message) => message.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => TimeSpan.FromTicks(Math.Max(0, (date - _options.Time.GetUtcNow()).Ticks)),
        _ => null,
    };

    private static string? Header(HttpResponseMessage message, string name) =>
        message.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.First() : null;
}

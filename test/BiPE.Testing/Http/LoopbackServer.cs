using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BiPE.Testing.Http;

/// <summary>
/// An HTTP server on this machine that may break every rule: cut connections, announce wrong lengths, fall silent. It answers one
/// request a connection.
/// </summary>
public sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<HttpExchangeRequest, HttpExchangeAnswer> _answer;
    private readonly ConcurrentQueue<HttpExchangeRequest> _requests = new();
    private readonly CancellationTokenSource _end = new();

    /// <summary>Starts a server on a free port.</summary>
    /// <param name="answer">What to answer; called by several threads.</param>
    public LoopbackServer(Func<HttpExchangeRequest, HttpExchangeAnswer> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _ = Task.Run(AcceptAsync);
    }

    /// <summary>Its address.</summary>
    public Uri Address { get; }

    /// <summary>All requests so far.</summary>
    public IReadOnlyList<HttpExchangeRequest> Requests => [.. _requests];

    /// <summary>Forgets the requests so far.</summary>
    public void Forget() => _requests.Clear();

    /// <summary>Stops listening; may be called again.</summary>
    public void Dispose()
    {
        if (_end.IsCancellationRequested)
        {
            return;
        }

        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        CancellationToken end = _end.Token;
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(end);
                _ = Task.Run(() => ServeAsync(client, end), end);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private async Task ServeAsync(TcpClient client, CancellationToken end)
    {
        using TcpClient open = client;
        try
        {
            await using NetworkStream stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1, false, 4096, leaveOpen: true);
            if (await reader.ReadLineAsync(end) is not { } first)
            {
                return;
            }

            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while (await reader.ReadLineAsync(end) is { Length: > 0 } line)
            {
                string[] parts = line.Split(':', 2);
                headers[parts[0]] = parts[1].Trim();
            }

            var request = new HttpExchangeRequest(first.Split(' ')[1], headers);
            _requests.Enqueue(request);
            await SendAsync(stream, _answer(request), end);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client went away, as clients may.
        }
    }

    private static async Task SendAsync(NetworkStream stream, HttpExchangeAnswer answer, CancellationToken end)
    {
        var head = new StringBuilder($"HTTP/1.1 {answer.Status} As tested\r\nConnection: close\r\n");
        foreach ((string name, string value) in answer.Headers)
        {
            head.Append($"{name}: {value}\r\n");
        }

        head.Append(answer.IsChunked ? "Transfer-Encoding: chunked\r\n\r\n" : $"Content-Length: {answer.AnnouncedLength ?? answer.Body.Length}\r\n\r\n");
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head.ToString()), end);
        byte[] body = answer.Body[..Math.Min(answer.CutAfter ?? answer.Body.Length, answer.Body.Length)];
        if (answer.IsChunked && body.Length > 0)
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes($"{body.Length:x}\r\n"), end);
        }

        await stream.WriteAsync(body, end);
        if (answer.Stalls)
        {
            await Task.Delay(Timeout.Infinite, end);
        }

        if (answer.IsChunked && answer.CutAfter is null)
        {
            await stream.WriteAsync((body.Length > 0 ? "\r\n0\r\n\r\n"u8 : "0\r\n\r\n"u8).ToArray(), end);
        }
    }
}

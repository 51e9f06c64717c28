using System.Net;
using System.Net.Http.Headers;

namespace BiPE.Core.Hub;

/// <summary>
/// Fetches the rest of a partial file, over as many connections as it takes. Nothing the server says is believed without need:
/// ranges and lengths must be those asked for, else the file is asked for whole, and the hash decides at the end.
/// </summary>
internal sealed class FileDownload
{
    private const int BufferBytes = 1 << 18;

    /// <summary>Connections that together brought at least this much were worth it; the end of the last does not count as a failure.</summary>
    private const long WorthwhileBytes = 1 << 20;

    private readonly HubClient _client;
    private readonly HubSnapshot _snapshot;
    private readonly HubTransfer _transfer;
    private readonly HubFile _file;
    private readonly Action<string> _note;
    private readonly byte[] _buffer;
    private long _counted;
    private bool _asksForAll;

    public FileDownload(HubClient client, HubSnapshot snapshot, HubTransfer transfer, Action<string> note)
    {
        _client = client;
        _snapshot = snapshot;
        _transfer = transfer;
        _file = transfer.File;
        _note = note;
        _buffer = new byte[(int)Math.Min(BufferBytes, transfer.File.Size + 1)];
    }

    /// <summary>Whether bytes of more than one connection were put together.</summary>
    public bool IsJoined { get; private set; }

    /// <summary>Fetches until the file has its size.</summary>
    /// <exception cref="HubFileException">The server failed too often; what came is kept.</exception>
    /// <exception cref="BipeException">The hub does not give the file, or the disk does not take it.</exception>
    public async Task RunAsync(PartialFile partial, CancellationToken cancellation)
    {
        _counted = partial.Length;
        var retry = new HubRetry(_client.Options, _file.Path, _note);
        try
        {
            while (partial.Length < _file.Size)
            {
                await retry.RunAsync(async token => await TryAsync(partial, token), cancellation);
            }
        }
        catch (HubRefusal refusal)
        {
            BipeException explained = _client.Explain(refusal, _snapshot, _file);
            throw refusal.Status == HttpStatusCode.NotFound ? new HubFileException(explained.Message, refusal) : explained;
        }
        catch (TransientHubFault fault)
        {
            string wait = fault.RetryAfter is { } pause ? $" and asks to wait {pause.TotalMinutes:0} minutes" : "";
            throw new HubFileException(
                $"'{_file.Path}' was not fetched: the server {fault.Message}{wait}; {partial.Length} of its {_file.Size} bytes are kept, the same command goes on from there.", fault);
        }
    }

    private async ValueTask<bool> TryAsync(PartialFile partial, CancellationToken cancellation)
    {
        try
        {
            await FetchRestAsync(partial, cancellation);
        }
        catch (TransientHubFault fault) when (
            fault.RetryAfter is null && _client.Options.Retries > 0 && partial.Length - _counted >= WorthwhileBytes)
        {
            _counted = partial.Length;
            _note($"{_file.Path}: the server {fault.Message} after {partial.Length} of {_file.Size} bytes; going on.");
            await Task.Delay(HubRetry.FirstPause, _client.Options.Time, cancellation);
        }
        finally
        {
            _transfer.BytesDone = partial.Length;
        }

        return true;
    }

    private async Task FetchRestAsync(PartialFile partial, CancellationToken cancellation)
    {
        await partial.HashAsync(cancellation);
        using var guard = new NetworkGuard(_client.Options.StallTimeout, cancellation);
        (long Start, string? Tag)? range = _asksForAll || partial.Length == 0 ? null : (partial.Length, partial.Tag);
        using HubResponse response = await _client.Connection.GetAsync(_client.AddressOf(_snapshot, _file), range, guard);
        RequireSameFile(response);
        long expected = RequireExpected(response, range?.Start);
        if (response.Status == HttpStatusCode.OK)
        {
            if (partial.Length > 0)
            {
                partial.Truncate(0);
            }

            partial.SetTag(response.StrongTag);
            _asksForAll = false;
        }

        IsJoined |= partial.Length > 0;
        await ReceiveAsync(partial, response, expected, guard);
    }

    private void RequireSameFile(HubResponse response)
    {
        if (response.Commit is { } commit && commit != _snapshot.Commit)
        {
            throw new TransientHubFault($"gave the file of commit {commit} instead of {_snapshot.Commit}");
        }

        if (response.LinkedSize is { } size && size != _file.Size)
        {
            throw new TransientHubFault($"says it has {size} bytes, its list said {_file.Size}");
        }

        if (_file.Sha256 is not null && response.LinkedHash is { Length: 64 } hash && !hash.Equals(_file.Sha256, StringComparison.OrdinalIgnoreCase))
        {
            throw new TransientHubFault($"says its SHA-256 is {hash}, its list said {_file.Sha256}");
        }
    }

    /// <summary>How many bytes come now.</summary>
    private long RequireExpected(HubResponse response, long? start)
    {
        long expected = _file.Size;
        if (response.Status == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // The next try gets along without a range.
            _asksForAll = true;
            throw new TransientHubFault($"answered 416 to a request for the bytes from {start} on");
        }

        if (response.Status == HttpStatusCode.PartialContent)
        {
            ContentRangeHeaderValue? given = response.ContentHeaders.ContentRange;
            bool isWanted = given is { Unit: "bytes", From: { } from, To: { } to } && from == start && to >= from && to < _file.Size
                && (given.Length is null || given.Length == _file.Size);
            if (!isWanted)
            {
                _asksForAll = true;
                throw new TransientHubFault($"answered with '{given?.ToString() ?? "no range"}' to a request for the bytes from {start ?? 0} on, of {_file.Size}");
            }

            expected = given!.To!.Value - given.From!.Value + 1;
        }

        if (response.ContentHeaders.ContentLength is { } length && length != expected)
        {
            throw new TransientHubFault($"announced {length} bytes where {expected} were expected");
        }

        return expected;
    }

    private async Task ReceiveAsync(PartialFile partial, HubResponse response, long expected, NetworkGuard guard)
    {
        long start = partial.Length;
        await using Stream body = await guard.RunAsync(async token => await response.OpenBodyAsync(token));
        int count;
        while ((count = await guard.RunAsync(token => body.ReadAsync(_buffer, token))) > 0)
        {
            _transfer.AddReceived(count);
            if (partial.Length - start + count > expected)
            {
                // Which of the bytes are surplus is not known.
                partial.Truncate(start);
                throw new TransientHubFault($"sent more than the {expected} bytes that were expected");
            }

            partial.Append(_buffer.AsSpan(0, count));
            _transfer.BytesDone = partial.Length;
        }

        if (partial.Length - start < expected)
        {
            throw new TransientHubFault($"stopped after {partial.Length - start} of {expected} bytes");
        }
    }
}

namespace BiPE.Core.Hub;

/// <summary>Brings one file of a snapshot to its place: takes what is there, fetches the rest, checks it.</summary>
internal sealed class FileFetch
{
    private const int BufferBytes = 1 << 20;

    private readonly HubClient _client;
    private readonly HubSnapshot _snapshot;
    private readonly HubTransfer _transfer;
    private readonly Action<string> _note;

    public FileFetch(HubClient client, HubSnapshot snapshot, HubTransfer transfer, Action<string> note)
    {
        _client = client;
        _snapshot = snapshot;
        _transfer = transfer;
        _note = note;
    }

    private HubFile File => _transfer.File;

    /// <summary>Compares the content of a whole file on the disk.</summary>
    /// <returns>Whether it is the snapshot's file.</returns>
    public async Task<bool> CheckAsync(CancellationToken cancellation)
    {
        _transfer.State = HubTransferState.Checking;
        using var hash = new ContentHash(File);
        try
        {
            await using var stream = new FileStream(_transfer.LocalPath, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
            var buffer = new byte[(int)Math.Min(BufferBytes, File.Size + 1)];
            long read = 0;
            int count;
            while ((count = await stream.ReadAsync(buffer, cancellation)) > 0)
            {
                hash.Append(buffer.AsSpan(0, count));
                _transfer.BytesDone = read += count;
            }

            return read == File.Size && hash.Current() == File.Hash;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubFileException($"Cannot read '{_transfer.LocalPath}' to check it: {e.Message}", e);
        }
    }

    /// <summary>Fetches the file, or the rest of it.</summary>
    /// <exception cref="HubFileException">This file cannot be fetched.</exception>
    /// <exception cref="BipeException">None can be.</exception>
    public async Task FetchAsync(CancellationToken cancellation)
    {
        // Bytes of an earlier run or of several connections may be the fault of a wrong hash; then one fetch from the start decides.
        if (!await TryFetchAsync(mayRepeat: true, cancellation))
        {
            await TryFetchAsync(mayRepeat: false, cancellation);
        }

        _transfer.State = HubTransferState.Fetched;
    }

    private async Task<bool> TryFetchAsync(bool mayRepeat, CancellationToken cancellation)
    {
        using PartialFile partial = PartialFile.Open(_transfer.LocalPath, File, _snapshot.Commit);
        if (partial.DroppedOther)
        {
            _note($"{File.Path}: the file on the hub is another than the one whose beginning was here; it is fetched from the start.");
        }

        _transfer.State = HubTransferState.Checking;
        await partial.HashAsync(cancellation);
        _transfer.State = HubTransferState.Fetching;
        bool hadBytes = partial.Length > 0;
        var download = new FileDownload(_client, _snapshot, _transfer, _note);
        await download.RunAsync(partial, cancellation);
        string? hash = partial.CurrentHash();
        if (hash == File.Hash)
        {
            partial.Complete();
            return true;
        }

        partial.Discard();
        _transfer.BytesDone = 0;
        string fault = $"{(File.Sha256 is null ? "git SHA-1" : "SHA-256")} is {hash}, expected {File.Hash}";
        if (mayRepeat && (hadBytes || download.IsJoined))
        {
            _note($"{File.Path}: put together from parts, its {fault}; the parts were removed and it is fetched once more from the start.");
            return false;
        }

        throw new HubFileException($"'{File.Path}' came whole but wrong: its {fault}; it was removed, run the same command again, and if it comes wrong again, ask those who keep the server.");
    }
}

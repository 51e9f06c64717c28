using BiPE.Core.Checkpoints;

namespace BiPE.Core.Hub;

/// <summary>
/// Fetches files of a Hugging Face repository into a folder, all of one commit. Files get their names when they are whole and
/// have the hub's hash; until then they are NAME.partial, and a later fetch goes on with them. What the folder holds is
/// recorded in it, so that whole files are not read again.
/// </summary>
public sealed class HubFetch : IDisposable
{
    private static readonly TimeSpan RecordInterval = TimeSpan.FromSeconds(2);

    private readonly HubRequest _request;
    private readonly HubClient _client;
    private readonly Action<string> _note;
    private readonly HashSet<string> _recorded = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly List<BipeException> _faults = [];
    private HubRecord _record;
    private long _recordedAt;

    private HubFetch(HubRequest request, HubClient client, HubSnapshot snapshot, Action<string> note)
    {
        _request = request;
        _client = client;
        _note = note;
        Folder = Path.GetFullPath(request.Folder);
        HubRecord? record = HubRecord.Read(Folder);
        if (record is not null && (record.Repository, record.Type) != (snapshot.Repository, snapshot.Type))
        {
            throw new BipeException($"'{request.Folder}' holds files of the {record.Type.ToString().ToLowerInvariant()} '{record.Repository}'; choose another folder for '{snapshot.Repository}'.");
        }

        var patterns = new HubPatterns(request.Include, request.Exclude);
        HubFile[] files = [.. snapshot.Files.Where(file => patterns.Selects(file.Path))];
        if (files.Length == 0)
        {
            string some = string.Join(", ", snapshot.Files.Take(5).Select(file => file.Path));
            throw new BipeException(snapshot.Files.Count == 0
                ? $"'{snapshot.Repository}' has no files at the revision '{snapshot.Revision}'."
                : $"None of the {snapshot.Files.Count} files of '{snapshot.Repository}' matches --include and --exclude; it has for instance {some}.");
        }

        Snapshot = snapshot with { Files = files };
        Transfers = [.. files.Select(file => new HubTransfer(file, HubPath.ToLocal(Folder, file.Path)))];
        _record = new HubRecord
        {
            Repository = snapshot.Repository,
            Type = snapshot.Type,
            Revision = snapshot.Revision,
            Commit = snapshot.Commit,
            Include = request.Include,
            Exclude = request.Exclude,
            IsComplete = false,
            Files = record?.Files ?? new SortedDictionary<string, HubRecordedFile>(StringComparer.Ordinal),
        };
        foreach (HubTransfer transfer in Transfers)
        {
            Survey(transfer);
        }
    }

    /// <summary>The commit and the files that were selected.</summary>
    public HubSnapshot Snapshot { get; }

    /// <summary>The files, in the order of their paths.</summary>
    public IReadOnlyList<HubTransfer> Transfers { get; }

    /// <summary>Full path of the folder.</summary>
    public string Folder { get; }

    /// <summary>Bytes of all files.</summary>
    public long TotalBytes => Transfers.Sum(transfer => transfer.File.Size);

    /// <summary>Bytes that were to fetch when the folder was looked at, unless files of the right size prove to be others.</summary>
    public long MissingBytes { get; private set; }

    /// <summary>Bytes that are done, see <see cref="HubTransfer.BytesDone"/>.</summary>
    public long BytesDone => Transfers.Sum(transfer => transfer.BytesDone);

    /// <summary>Bytes that came over the network.</summary>
    public long BytesReceived => Transfers.Sum(transfer => transfer.BytesReceived);

    /// <summary>Lists the files and looks at what the folder has of them; writes nothing.</summary>
    /// <param name="options">The hub.</param>
    /// <param name="request">What to fetch.</param>
    /// <param name="note">Told of repetitions and the like, a sentence each, from any thread; null for nobody.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="BipeException">
    /// The repository cannot be listed, no file is selected, a path would lead out of the folder, or the folder holds something else.
    /// </exception>
    public static async Task<HubFetch> PrepareAsync(
        HubOptions options, HubRequest request, Action<string>? note = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Parallel, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Retries);
        note ??= _ => { };
        var client = new HubClient(options, note);
        try
        {
            HubSnapshot snapshot = await client.ListAsync(request.Repository, request.Type, request.Revision, cancellation);
            return new HubFetch(request, client, snapshot, note);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Fetches what is missing. Stopped or failed, it leaves whole files and partial files that a later fetch goes on with.</summary>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="BipeException">A file could not be fetched (the others were), or none can be: no space, no right, no connection.</exception>
    public async Task RunAsync(CancellationToken cancellation = default)
    {
        DiskSpace.Require(Folder, MissingBytes);
        SaveRecord();
        try
        {
            var settings = new ParallelOptions { MaxDegreeOfParallelism = _request.Parallel, CancellationToken = cancellation };
            await Parallel.ForEachAsync(Transfers.Where(transfer => transfer.State != HubTransferState.Present), settings, RunAsync);
        }
        catch
        {
            TrySaveRecord();
            throw;
        }

        _record = _record with { IsComplete = _faults.Count == 0 };
        SaveRecord();
        if (_faults.Count > 0)
        {
            int missing = Transfers.Count(transfer => transfer.State is not (HubTransferState.Fetched or HubTransferState.Present));
            throw missing == 1 ? _faults[0] : new BipeException($"{missing} of {Transfers.Count} files are missing; the first: {_faults[0].Message}", _faults[0]);
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    private void Survey(HubTransfer transfer)
    {
        HubFile file = transfer.File;
        if (Directory.Exists(transfer.LocalPath))
        {
            throw new BipeException($"'{transfer.LocalPath}' is a folder, where the file '{file.Path}' belongs; choose another folder or leave the file out with --exclude.");
        }

        long? length = File.Exists(transfer.LocalPath) ? FileLength.Of(transfer.LocalPath) : null;
        bool isRecorded = _record.Files.TryGetValue(file.Path, out HubRecordedFile? recorded);
        if (isRecorded)
        {
            _recorded.Add(file.Path);
        }

        if (length is null)
        {
            transfer.BytesDone = PartialFile.LengthOf(transfer.LocalPath, file, Snapshot.Commit);
            MissingBytes += file.Size - transfer.BytesDone;
        }
        else if (!isRecorded && (length != file.Size || file.Hash is null))
        {
            throw Foreign(transfer);
        }
        else if (isRecorded && length == file.Size && recorded!.Is(file, Snapshot.Commit) && !(_request.Verify && file.Hash is not null))
        {
            transfer.BytesDone = file.Size;
            transfer.State = HubTransferState.Present;
        }
        else if (length != file.Size || file.Hash is null)
        {
            transfer.BytesDone = PartialFile.LengthOf(transfer.LocalPath, file, Snapshot.Commit);
            MissingBytes += file.Size - transfer.BytesDone;
        }
    }

    private async ValueTask RunAsync(HubTransfer transfer, CancellationToken cancellation)
    {
        lock (_lock)
        {
            // Where so many fail, the others would only take their time to fail.
            if (_faults.Count >= Math.Max(2, _request.Parallel))
            {
                return;
            }
        }

        try
        {
            var fetch = new FileFetch(_client, Snapshot, transfer, _note);
            bool isThere = File.Exists(transfer.LocalPath) && FileLength.Of(transfer.LocalPath) == transfer.File.Size && transfer.File.Hash is not null;
            if (isThere && await fetch.CheckAsync(cancellation))
            {
                transfer.State = HubTransferState.Present;
            }
            else
            {
                RequireOurs(transfer);
                await fetch.FetchAsync(cancellation);
            }

            Record(transfer.File);
        }
        catch (HubFileException e)
        {
            transfer.State = HubTransferState.Failed;
            _note(e.Message);
            lock (_lock)
            {
                _faults.Add(e);
            }
        }
    }

    /// <summary>A file that was not fetched is never replaced.</summary>
    private void RequireOurs(HubTransfer transfer)
    {
        if (File.Exists(transfer.LocalPath))
        {
            if (!_recorded.Contains(transfer.File.Path))
            {
                throw Foreign(transfer);
            }

            _note($"{transfer.File.Path}: differs from the file on the hub and is fetched again.");
        }
    }

    private static HubFileException Foreign(HubTransfer transfer) => new(
        $"'{transfer.LocalPath}' is there already, was not fetched and differs from '{transfer.File.Path}' on the hub; move it away or choose another folder.");

    private void Record(HubFile file)
    {
        lock (_lock)
        {
            _record.Files[file.Path] = new HubRecordedFile(file.Size, file.Hash, Snapshot.Commit);

            // A record of very many files takes its time; what it lacks after a crash is found by hashing.
            if (TimeProvider.System.GetElapsedTime(_recordedAt) >= RecordInterval)
            {
                SaveRecord();
            }
        }
    }

    private void SaveRecord()
    {
        lock (_lock)
        {
            _record.Write(Folder);
            _recordedAt = TimeProvider.System.GetTimestamp();
        }
    }
    /// <summary>What ended the fetch is worth telling, and a full disk does not take the record either; what it lacks is found by hashing.</summary>
    private void TrySaveRecord()
    {
        try
        {
            SaveRecord();
        }
        catch (BipeException)
        {
        }
    }
}

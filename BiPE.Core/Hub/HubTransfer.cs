namespace BiPE.Core.Hub;

/// <summary>A file on its way; another thread may watch it.</summary>
public sealed class HubTransfer
{
    private long _done;
    private long _received;
    private volatile HubTransferState _state;

    internal HubTransfer(HubFile file, string localPath)
    {
        File = file;
        LocalPath = localPath;
    }

    /// <summary>The file.</summary>
    public HubFile File { get; }

    /// <summary>Where it is put.</summary>
    public string LocalPath { get; }

    /// <summary>How far it has come.</summary>
    public HubTransferState State
    {
        get => _state;
        internal set => _state = value;
    }

    /// <summary>Bytes of it that need not be fetched any more; while a whole file is checked, those that are read.</summary>
    public long BytesDone
    {
        get => Interlocked.Read(ref _done);
        internal set => Interlocked.Exchange(ref _done, value);
    }

    /// <summary>Bytes that came over the network, those that had to be dropped included.</summary>
    public long BytesReceived => Interlocked.Read(ref _received);

    internal void AddReceived(int count) => Interlocked.Add(ref _received, count);
}

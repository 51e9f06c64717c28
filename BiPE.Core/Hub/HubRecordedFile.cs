namespace BiPE.Core.Hub;

/// <summary>A file that was fetched whole.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Hash">The hash that its content had, if the hub has one.</param>
/// <param name="Commit">The commit it was fetched from.</param>
internal sealed record HubRecordedFile(long Size, string? Hash, string Commit)
{
    /// <summary>Whether a file of a commit is the one that was fetched.</summary>
    public bool Is(HubFile file, string commit) => Size == file.Size && Hash == file.Hash && (Hash is not null || Commit == commit);
}

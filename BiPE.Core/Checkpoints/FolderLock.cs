namespace BiPE.Core.Checkpoints;

/// <summary>Keeps a folder to one process that writes it, until that ends, however it ends.</summary>
public sealed class FolderLock : IDisposable
{
    private const string FileName = "in-use.lock";

    private readonly string _folder;
    private readonly bool _madeFolder;
    private readonly FileStream _file;

    private FolderLock(string folder, bool madeFolder, FileStream file)
    {
        _folder = folder;
        _madeFolder = madeFolder;
        _file = file;
    }

    /// <summary>Takes a folder, which is made if it is missing.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="BipeException">Another process has it, or it cannot be written.</exception>
    public static FolderLock Take(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string full = Path.GetFullPath(folder);
        bool missing = !Directory.Exists(full);
        try
        {
            Directory.CreateDirectory(full);
            return ExclusiveFile.TryOpen(Path.Combine(full, FileName)) is { } file
                ? new FolderLock(full, missing, file)
                : throw new BipeException($"Another process writes into '{folder}'; wait for its end, or choose another folder.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot write into '{folder}': {e.Message.TrimEnd('.')}. Check the free space and its permissions, or choose another folder.", e);
        }
    }

    /// <summary>Lets go of the folder, and removes it again if it was made for the lock and nothing came to lie in it.</summary>
    public void Dispose()
    {
        _file.Dispose();
        try
        {
            if (_madeFolder && !Directory.EnumerateFileSystemEntries(_folder).Any())
            {
                Directory.Delete(_folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // An empty folder that stays harms nobody, and would hide why the work ended.
        }
    }
}

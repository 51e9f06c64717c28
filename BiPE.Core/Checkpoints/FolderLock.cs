namespace BiPE.Core.Checkpoints;

/// <summary>
/// Keeps a folder to one process that writes it, by a file that only one can have open. The system lets go of it when the process ends, however it ends.
/// </summary>
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
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot write into '{folder}': {e.Message.TrimEnd('.')}. Choose another folder.", e);
        }

        try
        {
            var file = new FileStream(Path.Combine(full, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            return new FolderLock(full, missing, file);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new BipeException($"Cannot write into '{folder}': {e.Message.TrimEnd('.')}. Check its permissions, or choose another folder.", e);
        }
        catch (IOException e)
        {
            throw new BipeException($"Another process writes into '{folder}' ({e.Message.TrimEnd('.')}); wait for its end, or choose another folder.", e);
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

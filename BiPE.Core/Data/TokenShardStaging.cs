using BiPE.Core.Checkpoints;

namespace BiPE.Core.Data;

/// <summary>
/// The files of a token shard while they are made. They lie in a subfolder until all are complete; <see cref="Publish"/> then
/// moves them, the index last, so that a folder with an index always has the files it describes. Disposing without
/// publishing leaves the folder as it was.
/// </summary>
internal sealed class TokenShardStaging : IDisposable
{
    private const string SubfolderName = ".incoming";

    private readonly string _folder;
    private readonly string _subfolder;
    private readonly bool _madeFolder;

    private TokenShardStaging(string folder, bool madeFolder)
    {
        _folder = folder;
        _madeFolder = madeFolder;
        _subfolder = Path.Combine(folder, SubfolderName);
        Directory.CreateDirectory(_subfolder);

        // Opening for this process alone is also the lock against a second one that writes the same folder.
        Tokens = new HashedFile(Path.Combine(_subfolder, TokenShardIndex.TokensFileName));
        try
        {
            Documents = new HashedFile(Path.Combine(_subfolder, TokenShardIndex.DocumentsFileName));
        }
        catch
        {
            Tokens.Dispose();
            throw;
        }
    }

    public HashedFile Tokens { get; }

    public HashedFile Documents { get; }

    /// <summary>Starts a shard in a folder, which is made if it is missing.</summary>
    public static TokenShardStaging Begin(string folder)
    {
        string full = Path.GetFullPath(folder);
        bool missing = !Directory.Exists(full);
        Directory.CreateDirectory(full);
        return new TokenShardStaging(full, missing);
    }

    /// <summary>Writes the index and puts the files, which must be complete, in their place.</summary>
    public void Publish(TokenShardIndex index)
    {
        // Everything that needs space on the disk is done before the old shard is touched.
        AtomicFile.WriteText(Path.Combine(_subfolder, TokenShardIndex.FileName), index.ToJson());
        File.Delete(Path.Combine(_folder, TokenShardIndex.FileName));
        Move(TokenShardIndex.TokensFileName);
        Move(TokenShardIndex.DocumentsFileName);
        Move(TokenShardIndex.FileName);
    }

    public void Dispose()
    {
        Tokens.Dispose();
        Documents.Dispose();
        try
        {
            Directory.Delete(_subfolder, recursive: true);
            if (_madeFolder && !Directory.EnumerateFileSystemEntries(_folder).Any())
            {
                Directory.Delete(_folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What made the writing fail is worth telling; what is left behind has no index and is never read.
        }
    }

    private void Move(string name) => File.Move(Path.Combine(_subfolder, name), Path.Combine(_folder, name), overwrite: true);
}

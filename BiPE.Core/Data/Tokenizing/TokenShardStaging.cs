using BiPE.Core.Checkpoints;

namespace BiPE.Core.Data.Tokenizing;

/// <summary>
/// A token shard while it is made. Its parts lie in a subfolder, which is a token shard of its own as soon as one part is whole.
/// <see cref="Publish"/> moves everything, the index last, so that a folder with an index always has the files it describes.
/// Disposing without publishing leaves the folder as it was; the whole parts stay in the subfolder for later work to go on with.
/// </summary>
internal sealed class TokenShardStaging : IDisposable
{
    /// <summary>Name of the subfolder.</summary>
    public const string SubfolderName = "unfinished";

    private const string LockFileName = "lock";

    private readonly string _folder;
    private readonly bool _madeFolder;
    private readonly FileStream _lock;
    private HashedFile? _tokens;
    private HashedFile? _documents;
    private bool _isPublished;

    private TokenShardStaging(string folder, bool madeFolder)
    {
        _folder = folder;
        _madeFolder = madeFolder;
        Subfolder = Path.Combine(folder, SubfolderName);
        Directory.CreateDirectory(Subfolder);

        // Opened for this process alone, against a second one that writes the same folder.
        _lock = new FileStream(Path.Combine(Subfolder, LockFileName), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        try
        {
            Index = LoadIndex();
            RemoveIncompletePart();
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>Path of the subfolder.</summary>
    public string Subfolder { get; }

    /// <summary>What the whole parts hold; null while there is none.</summary>
    public TokenShardIndex? Index { get; private set; }

    private int PartCount => Index?.Parts.Count ?? 0;

    /// <summary>Starts a shard in a folder, which is made if it is missing, or goes on with one.</summary>
    /// <exception cref="BipeException">
    /// What lies in the subfolder cannot be gone on with, or the folder's index.json is no token shard's, so that publishing would destroy it.
    /// </exception>
    public static TokenShardStaging Begin(string folder)
    {
        string full = Path.GetFullPath(folder);
        bool missing = !Directory.Exists(full);
        RequireReplaceable(Path.Combine(full, TokenShardIndex.FileName));
        RequireOwn(Path.Combine(full, SubfolderName));
        Directory.CreateDirectory(full);
        return new TokenShardStaging(full, missing);
    }

    /// <summary>Starts the next part.</summary>
    public (HashedFile Tokens, HashedFile Documents) BeginPart()
    {
        _tokens = new HashedFile(InSubfolder(TokenShardIndex.TokensFileName(PartCount)));
        _documents = new HashedFile(InSubfolder(TokenShardIndex.DocumentsFileName(PartCount)));
        return (_tokens, _documents);
    }

    /// <summary>Brings the files of the part onto the disk and then the index that counts it.</summary>
    /// <param name="describe">Makes the index from the hashes of the token file and of the file of document starts.</param>
    public void EndPart(Func<string, string, TokenShardIndex> describe)
    {
        TokenShardIndex index = describe(_tokens!.Complete(), _documents!.Complete());
        WriteIndex(index);
    }

    /// <summary>Puts the parts in their place, where they replace an older shard.</summary>
    /// <param name="index">The index of all parts.</param>
    public void Publish(TokenShardIndex index)
    {
        // Everything that needs space on the disk is done before the old shard is touched.
        WriteIndex(index);
        File.Delete(Path.Combine(_folder, TokenShardIndex.FileName));
        foreach (string old in TokenShardIndex.FilesOfParts(_folder))
        {
            File.Delete(old);
        }

        for (int part = 0; part < PartCount; part++)
        {
            Move(TokenShardIndex.TokensFileName(part), Subfolder, _folder);
            Move(TokenShardIndex.DocumentsFileName(part), Subfolder, _folder);
        }

        Move(TokenShardIndex.FileName, Subfolder, _folder);
        _isPublished = true;
    }

    public void Dispose()
    {
        _tokens?.Dispose();
        _documents?.Dispose();
        _lock.Dispose();
        try
        {
            if (_isPublished || PartCount == 0)
            {
                foreach (string file in Directory.GetFiles(Subfolder).Where(IsOwn))
                {
                    File.Delete(file);
                }

                Directory.Delete(Subfolder);
                if (_madeFolder && !Directory.EnumerateFileSystemEntries(_folder).Any())
                {
                    Directory.Delete(_folder);
                }
            }
            else
            {
                RemoveIncompletePart();
                File.Delete(InSubfolder(LockFileName));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What made the writing fail is worth telling; what is left behind stands in no index and is never read.
        }
    }

    private static void RequireReplaceable(string index)
    {
        if (File.Exists(index) && !TokenShardIndex.IsIndex(index))
        {
            throw new BipeException($"The token shard would replace '{index}', which is no index of a token shard; move that file away, or choose another folder.");
        }
    }

    /// <summary>Refuses a subfolder with anything in it that is not of unfinished work, since publishing removes the subfolder.</summary>
    private static void RequireOwn(string subfolder)
    {
        if (File.Exists(subfolder))
        {
            throw new BipeException($"'{subfolder}' is a file, where a folder for unfinished work belongs; move it away, or choose another folder.");
        }

        if (Directory.Exists(subfolder) && Directory.EnumerateFileSystemEntries(subfolder).FirstOrDefault(entry => !IsOwn(entry)) is { } foreign)
        {
            throw new BipeException($"'{foreign}' lies where unfinished work is kept, and is no part of any; move it away, or choose another folder.");
        }
    }

    private static bool IsOwn(string path)
    {
        string name = Path.GetFileName(path);
        return name is LockFileName or TokenShardIndex.FileName || TokenShardIndex.IsFileOfPart(path) || AtomicFile.IsTemporaryOf(TokenShardIndex.FileName, name);
    }

    private TokenShardIndex? LoadIndex()
    {
        if (!File.Exists(InSubfolder(TokenShardIndex.FileName)))
        {
            return null;
        }

        try
        {
            TokenShardIndex index = TokenShardIndex.Load(InSubfolder(TokenShardIndex.FileName));
            UndoPublishing(index.Parts.Count);
            TokenShard.Open(Subfolder).Dispose();
            return index;
        }
        catch (BipeException e)
        {
            throw new BipeException($"Cannot go on with the unfinished work in '{Subfolder}' ({e.Message.TrimEnd('.')}); delete that folder to begin anew.", e);
        }
    }

    // The process may have been killed between the first move and the last. The old shard was gone by then.
    private void UndoPublishing(int parts)
    {
        if (TokenShard.IsShard(_folder))
        {
            return;
        }

        for (int part = 0; part < parts; part++)
        {
            foreach (string name in new[] { TokenShardIndex.TokensFileName(part), TokenShardIndex.DocumentsFileName(part) })
            {
                if (!File.Exists(InSubfolder(name)) && File.Exists(Path.Combine(_folder, name)))
                {
                    Move(name, _folder, Subfolder);
                }
            }
        }
    }

    private void WriteIndex(TokenShardIndex index)
    {
        AtomicFile.WriteText(InSubfolder(TokenShardIndex.FileName), index.ToJson());
        Index = index;
    }

    private void RemoveIncompletePart()
    {
        foreach (string file in TokenShardIndex.FilesOfParts(Subfolder).Except(TokenShardIndex.FilesOfParts(Subfolder, PartCount)))
        {
            File.Delete(file);
        }
    }

    private string InSubfolder(string name) => Path.Combine(Subfolder, name);

    private static void Move(string name, string from, string to) => File.Move(Path.Combine(from, name), Path.Combine(to, name), overwrite: true);
}

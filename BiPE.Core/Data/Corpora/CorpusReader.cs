namespace BiPE.Core.Data.Corpora;

/// <summary>Opens text of any supported kind as a corpus.</summary>
public static class CorpusReader
{
    private static readonly IDocumentFormat[] Formats =
        [new JsonLinesFormat(), new JsonLinesGzipFormat(), new JsonLinesZstdFormat(), new PlainTextFormat(), new ParquetFormat(), new ArrowFormat()];

    /// <summary>How names of supported files end.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [.. Formats.Select(format => format.Extension)];

    /// <summary>
    /// Opens a file (<c>.jsonl</c>, <c>.jsonl.gz</c>, <c>.jsonl.zst</c> with a record a line; <c>.parquet</c>, <c>.arrow</c> with
    /// one a row; <c>.txt</c> as one document), or a folder: all supported files in it and in its subfolders, ordered by their
    /// paths' characters. Of folders that Hugging Face's <c>save_to_disk</c> wrote, the files of the table. No text is read yet.
    /// </summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="options">Which documents to take; null takes all and skips broken lines.</param>
    /// <exception cref="BipeException">
    /// The path is missing, cannot be listed, or holds no supported file; or the options contradict themselves.
    /// </exception>
    public static ICorpus Open(string path, CorpusOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new FileCorpus(path, List(path), options ?? new CorpusOptions());
    }

    /// <summary>Opens several files or folders as one corpus, in the order given.</summary>
    /// <param name="paths">As for the other overload; at least one.</param>
    /// <param name="options">Which documents to take; null takes all and skips broken lines.</param>
    /// <exception cref="BipeException">As for the other overload.</exception>
    public static ICorpus Open(IReadOnlyList<string> paths, CorpusOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentOutOfRangeException.ThrowIfZero(paths.Count);
        return new FileCorpus(string.Join(", ", paths), [.. paths.SelectMany(List)], options ?? new CorpusOptions());
    }

    private static List<(FileInfo File, IDocumentFormat Format)> List(string path)
    {
        if (Directory.Exists(path))
        {
            return ListFolder(path);
        }

        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new BipeException($"There is no file or folder '{path}'; give the path of text ({string.Join(", ", Extensions)}).");
        }

        IDocumentFormat format = FormatOf(path)
            ?? throw new BipeException($"'{path}' is of no kind that can be read; its name must end in {string.Join(", ", Extensions)}.");
        return [(file, format)];
    }

    private static List<(FileInfo File, IDocumentFormat Format)> ListFolder(string folder)
    {
        try
        {
            List<(FileInfo File, IDocumentFormat Format)> files =
            [
                .. CorpusFolder.Files(folder)
                    .GroupBy(file => file.DirectoryName!)
                    .SelectMany(ListTogether)
                    .OrderBy(entry => entry.SortKey, StringComparer.Ordinal)
                    .Select(entry => (entry.File, entry.Format)),
            ];
            if (files.Count == 0)
            {
                throw TokenShardWriter.FindUnfinished(folder) is not null
                    ? TokenShard.Missing(folder)
                    : new BipeException($"The folder '{folder}' holds no file that can be read; names must end in {string.Join(", ", Extensions)}.");
            }

            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot list the folder '{folder}': {e.Message}", e);
        }
    }

    /// <summary>The files to read of one folder, subfolders apart. Their keys are the same on every system, and so is the order of documents.</summary>
    private static IEnumerable<(string SortKey, FileInfo File, IDocumentFormat Format)> ListTogether(IGrouping<string, FileInfo> files)
    {
        if (SavedDataset.Find(files.Key) is { } table)
        {
            return table.Select((file, index) => (SortKey($"{files.Key}/{index:D9}"), file, (IDocumentFormat)new ArrowFormat()));
        }

        return files
            .Select(file => (SortKey(file.FullName), file, Format: FormatOf(file.Name)))
            .Where(entry => entry.Format is not null)!;
    }

    private static string SortKey(string path) => path.Replace('\\', '/');

    private static IDocumentFormat? FormatOf(string name) =>
        Array.Find(Formats, format => name.EndsWith(format.Extension, StringComparison.OrdinalIgnoreCase));
}

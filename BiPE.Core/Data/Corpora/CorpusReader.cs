namespace BiPE.Core.Data.Corpora;

/// <summary>Opens text of any supported kind as a corpus.</summary>
public static class CorpusReader
{
    private static readonly IDocumentFormat[] Formats =
        [new JsonLinesFormat(), new JsonLinesGzipFormat(), new JsonLinesZstdFormat(), new PlainTextFormat()];

    /// <summary>How names of supported files end.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [.. Formats.Select(format => format.Extension)];

    /// <summary>
    /// Opens a file (<c>.jsonl</c>, <c>.jsonl.gz</c>, <c>.jsonl.zst</c> with Pile records; <c>.txt</c> as one document), or a
    /// folder: all supported files in it and in its subfolders, ordered by their paths' characters. Nothing is read yet.
    /// </summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="options">Which documents to take; null takes all and skips broken lines.</param>
    /// <exception cref="BipeException">The path is missing, cannot be listed, or holds no supported file.</exception>
    public static ICorpus Open(string path, CorpusOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new FileCorpus(path, List(path), options ?? new CorpusOptions());
    }

    /// <summary>Opens several files or folders as one corpus, in the order given.</summary>
    /// <param name="paths">As for the other overload; at least one.</param>
    /// <param name="options">Which documents to take; null takes all and skips broken lines.</param>
    /// <exception cref="BipeException">A path is missing, cannot be listed, or holds no supported file.</exception>
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
            var everywhere = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false };
            var files = new List<(FileInfo File, IDocumentFormat Format)>();
            foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*", everywhere))
            {
                if (FormatOf(file.Name) is { } format)
                {
                    files.Add((file, format));
                }
            }

            if (files.Count == 0)
            {
                throw TokenShardWriter.FindUnfinished(folder) is not null
                    ? TokenShard.Missing(folder)
                    : new BipeException($"The folder '{folder}' holds no file that can be read; names must end in {string.Join(", ", Extensions)}.");
            }

            files.Sort((a, b) => string.CompareOrdinal(SortKey(a.File), SortKey(b.File)));
            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot list the folder '{folder}': {e.Message}", e);
        }
    }

    /// <summary>The same on every system, so that the order of documents is too.</summary>
    private static string SortKey(FileInfo file) => file.FullName.Replace('\\', '/');

    private static IDocumentFormat? FormatOf(string name) =>
        Array.Find(Formats, format => name.EndsWith(format.Extension, StringComparison.OrdinalIgnoreCase));
}

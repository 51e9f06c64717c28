using System.Text;
using BiPE.Core.Checkpoints;

namespace BiPE.Core.Evaluation.Results;

/// <summary>Appends to a results file, for one process at a time.</summary>
public sealed class ResultsWriter : IDisposable
{
    /// <summary>How every line begins, so that a torn one is told from a file of another kind.</summary>
    private const string LineStart = "{\"record\":\"";

    private readonly string _path;

    // A file beside it, since a lock on the results themselves would keep readers out, too.
    private readonly FileStream _lock;
    private readonly FileStream _stream;

    private ResultsWriter(string path, FileStream @lock, FileStream stream, StoredResults stored)
    {
        _path = path;
        _lock = @lock;
        _stream = stream;
        Stored = stored;
    }

    /// <summary>What the file held when it was opened.</summary>
    public StoredResults Stored { get; }

    /// <summary>Opens a file to append to; a last line that was cut short is removed.</summary>
    /// <param name="path">The file; made with its folder if missing.</param>
    /// <exception cref="BipeException">It cannot be opened, another process has it open, or it is no results file.</exception>
    public static ResultsWriter Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileStream? @lock = null;
        FileStream? stream = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            @lock = ExclusiveFile.TryOpen($"{path}.lock")
                ?? throw new BipeException($"Cannot open the results file '{path}': another process writes it; wait for its end, or give another file.");
            stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
            StoredResults stored = ResultsFile.Read(path, stream, out long wholeBytes);
            if (wholeBytes < stream.Length)
            {
                RequireTornLine(path, stream, wholeBytes);
                stream.SetLength(wholeBytes);
            }

            stream.Seek(0, SeekOrigin.End);
            return new ResultsWriter(path, @lock, stream, stored);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            stream?.Dispose();
            @lock?.Dispose();
            throw new BipeException($"Cannot open the results file '{path}': {e.Message}", e);
        }
        catch
        {
            stream?.Dispose();
            @lock?.Dispose();
            throw;
        }
    }

    /// <summary>Appends a finished evaluation.</summary>
    /// <param name="record">The evaluation.</param>
    /// <exception cref="BipeException">The file cannot be written.</exception>
    public void Append(EvaluationRecord record) => Append(ResultsFile.LineOf(record));

    /// <summary>Appends a part of an evaluation.</summary>
    /// <param name="part">The part.</param>
    /// <exception cref="BipeException">The file cannot be written.</exception>
    public void Append(EvaluationPart part) => Append(ResultsFile.LineOf(part));

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        _lock.Dispose();
    }

    private static void RequireTornLine(string path, FileStream stream, long start)
    {
        stream.Seek(start, SeekOrigin.Begin);
        var bytes = new byte[Math.Min(LineStart.Length, stream.Length - start)];
        stream.ReadExactly(bytes);
        if (!LineStart.StartsWith(Encoding.UTF8.GetString(bytes), StringComparison.Ordinal))
        {
            throw new BipeException($"'{path}' is no results file; give --results the name of another file.");
        }
    }

    private void Append(string line)
    {
        try
        {
            _stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
            _stream.Flush(flushToDisk: true);
        }
        catch (IOException e)
        {
            throw new BipeException($"Cannot write the results file '{_path}': {e.Message} Check the free space.", e);
        }
    }
}

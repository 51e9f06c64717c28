using BiPE.Core;
using BiPE.Core.Checkpoints;

namespace BiPE.Cli.Console;

/// <summary>A file that an option names for a result.</summary>
internal static class ResultTarget
{
    /// <summary>How every line of a results file begins (docs/results-file.md).</summary>
    private static ReadOnlySpan<byte> ResultsStart => "{\"record\":"u8;

    /// <summary>Refuses a file that cannot be written or must not be replaced, before the work for it is done.</summary>
    /// <param name="target">The file.</param>
    /// <param name="option">The option.</param>
    /// <exception cref="BipeException">It is a folder or a results file, or lies where nothing can be written.</exception>
    public static void RequireWritable(string target, string option)
    {
        if (Directory.Exists(target))
        {
            throw new BipeException($"Cannot write '{target}': it is a folder; give {option} the name of a file.");
        }

        // What stands for the standard output may be a pipe to be written only: reading it would wait for ever.
        if (AtomicFile.IsAmongDevices(target))
        {
            return;
        }

        // Hours of evaluation are in such a file, and 'compare --json one.jsonl two.jsonl' is easily typed.
        if (IsResultsFile(target))
        {
            throw new BipeException($"Cannot write '{target}': it is a results file of 'bipe eval --results', which would be lost; give {option} the name of another file.");
        }

        AtomicFile.RequireWritable(target);
    }

    private static bool IsResultsFile(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            // Pipes have no length, and reading them might wait for ever; a link's own length says nothing.
            var file = (FileInfo?)File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path);
            if (!file.Exists || file.Length < ResultsStart.Length)
            {
                return false;
            }

            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[ResultsStart.Length];
            return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length && bytes.AsSpan().SequenceEqual(ResultsStart);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot look into '{path}', which would be replaced: {e.Message} Give another file, or delete it.", e);
        }
    }
}

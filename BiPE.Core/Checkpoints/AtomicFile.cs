namespace BiPE.Core.Checkpoints;

/// <summary>Writes files so that a reader sees the old content or the whole new content, never a part of it.</summary>
public static class AtomicFile
{
    private const string TemporarySuffix = ".tmp";

    /// <summary>
    /// Writes <paramref name="path"/> through a temporary file in the same folder, flushes it to the disk and renames it.
    /// If <paramref name="write"/> throws, the temporary file is removed and the old file stays as it was. A device, such as /dev/null, is written straight,
    /// and where its name stands for a file, as /dev/stdout may, what that holds already stays before it.
    /// </summary>
    /// <param name="path">The file to make or replace; its folder is created if missing.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="BipeException">The file cannot be written (no space, no permission, not a folder).</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string full = Path.GetFullPath(path);
        string temporary = TemporaryOf(full);
        try
        {
            if (IsAmongDevices(full) && File.Exists(full))
            {
                using var device = new FileStream(full, FileMode.Append, FileAccess.Write);
                write(device);
                return;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 20))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Remove(temporary);
            throw CannotWrite(path, e);
        }
        catch
        {
            Remove(temporary);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark; see <see cref="Write(string, Action{Stream})"/>.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="text">Its whole content.</param>
    /// <exception cref="BipeException">The file cannot be written.</exception>
    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>
    /// Refuses a file that cannot be written, before the work for it is done: makes its folder if missing, and a temporary file in it, which
    /// is removed at once. A file that is there stays as it is. Nothing is tried among devices.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BipeException">It cannot be written (no permission, not a folder).</exception>
    public static void RequireWritable(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        if (IsAmongDevices(full))
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            using var probe = new FileStream(TemporaryOf(full), FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, e);
        }
    }

    /// <summary>Whether a path is one of /dev, which no file may replace, as root's could, and which may be a pipe that has no end to be read.</summary>
    /// <param name="path">The path.</param>
    public static bool IsAmongDevices(string path)
    {
        string full = Path.GetFullPath(path);
        return !OperatingSystem.IsWindows() && full.StartsWith("/dev/", StringComparison.Ordinal) && !full.StartsWith("/dev/shm/", StringComparison.Ordinal);
    }

    /// <summary>Whether a file is what a killed process may have left of writing another one.</summary>
    /// <param name="name">Name of the file that was to be written.</param>
    /// <param name="candidate">Name of the file in question.</param>
    internal static bool IsTemporaryOf(string name, string candidate) =>
        candidate.StartsWith($"{name}.", StringComparison.Ordinal) && candidate.EndsWith(TemporarySuffix, StringComparison.Ordinal);

    private static string TemporaryOf(string path) => $"{path}.{Environment.ProcessId}{TemporarySuffix}";

    private static BipeException CannotWrite(string path, Exception cause) =>
        new($"Cannot write '{path}': {cause.Message.TrimEnd('.')}. Check the free space and the permissions of its folder.", cause);

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first error is the one worth telling; a temporary file left behind is harmless.
        }
    }
}

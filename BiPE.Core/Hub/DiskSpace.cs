using System.Globalization;

namespace BiPE.Core.Hub;

/// <summary>Room on the disk of a folder.</summary>
internal static class DiskSpace
{
    /// <summary>Refuses what does not fit.</summary>
    /// <param name="folder">Full path of a folder, which may be missing.</param>
    /// <param name="bytes">What is to be written there.</param>
    /// <exception cref="BipeException">It does not fit.</exception>
    public static void Require(string folder, long bytes)
    {
        string existing = folder;
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            existing = parent;
        }

        long free;
        try
        {
            free = new DriveInfo(existing).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Not every file system says; a full disk is then told when it is full.
            return;
        }

        if (bytes > free)
        {
            throw new BipeException(string.Create(
                CultureInfo.InvariantCulture,
                $"The files need {bytes / 1e9:0.##} GB more, but the disk of '{folder}' has {free / 1e9:0.##} GB free; free some, choose another disk, or fewer files with --include."));
        }
    }
}

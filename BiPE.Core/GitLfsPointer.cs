namespace BiPE.Core;

/// <summary>
/// The few lines that Git LFS leaves in a file's place until the file itself is asked for. Readers look for them first, since
/// what the formats say of them misleads.
/// </summary>
internal static class GitLfsPointer
{
    /// <summary>Number of bytes at a file's start that tell.</summary>
    public static int StartLength => Start.Length;

    private static ReadOnlySpan<byte> Start => "version https://git-lfs.github.com/spec/"u8;

    /// <summary>Refuses a pointer.</summary>
    /// <param name="path">The file, for the message.</param>
    /// <param name="start">Its first bytes, <see cref="StartLength"/> or more of them if it has so many.</param>
    /// <exception cref="BipeException">The file is a pointer.</exception>
    public static void Refuse(string path, ReadOnlySpan<byte> start)
    {
        if (start.StartsWith(Start))
        {
            throw new BipeException($"'{path}' is only a pointer of Git LFS; get the file itself with 'git lfs pull'.");
        }
    }
}

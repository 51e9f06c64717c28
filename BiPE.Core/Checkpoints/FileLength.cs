namespace BiPE.Core.Checkpoints;

/// <summary>Lengths of files, also where a path is a symbolic link, whose own length says nothing of the file.</summary>
internal static class FileLength
{
    /// <summary>Bytes of the file that opening a path would open.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static long Of(string path) => Of(new FileInfo(path));

    /// <summary>Bytes of the file that opening a path would open.</summary>
    /// <param name="file">The path.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static long Of(FileInfo file) => file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target.Length : file.Length;
}

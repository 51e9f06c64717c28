namespace BiPE.Core.Hub;

/// <summary>Tells why a disk did not take a file.</summary>
internal static class DiskFault
{
    // ENOSPC and EDQUOT of Linux and macOS, ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows.
    private static readonly int[] FullCodes = [28, 69, 122, unchecked((int)0x80070070), unchecked((int)0x80070027)];

    public static BipeException Explain(string path, Exception cause) => FullCodes.Contains(cause.HResult)
        ? new BipeException($"The disk is full: '{path}' does not fit; free some space and run the same command again, what is there is kept.", cause)
        : new BipeException($"Cannot write '{path}': {cause.Message} Check the permissions of its folder, and that no other process writes to it.", cause);
}

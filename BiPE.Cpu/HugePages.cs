using System.Runtime.InteropServices;

namespace BiPE.Cpu;

/// <summary>Asks Linux to back large blocks with pages of 2 MiB, so that far fewer address translations are missed.</summary>
internal static unsafe partial class HugePages
{
    private const int PageBytes = 2 * 1024 * 1024;
    private const int MadviseHugePage = 14;

    /// <summary>Aligned memory, of huge pages where it is large and the system has them.</summary>
    /// <param name="byteLength">Bytes.</param>
    /// <param name="alignment">Least alignment in bytes.</param>
    public static void* Allocate(long byteLength, int alignment)
    {
        bool large = OperatingSystem.IsLinux() && byteLength >= 2 * PageBytes;
        void* memory = NativeMemory.AlignedAlloc((nuint)byteLength, (nuint)(large ? PageBytes : alignment));
        if (large)
        {
            // A hint: where it is refused, the memory is as good as any other.
            _ = Advise((nint)memory, (nuint)(byteLength / PageBytes * PageBytes), MadviseHugePage);
        }

        return memory;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nuint length, int advice);
}

using System.Runtime.InteropServices;

namespace BiPE.Cpu;

/// <summary>
/// Memory from the system, 64-byte aligned. Large pieces lie on boundaries of 2 MiB and, on Linux, ask for pages of that size: keys of one head
/// lie pages apart, and with 4 KiB pages a long sequence spends half of attention's time looking up addresses. The last, partial one is
/// left in small pages, so that no piece takes more than it needs.
/// </summary>
internal static unsafe partial class SystemMemory
{
    private const nuint Alignment = 64;
    private const nuint HugePage = 2 << 20;
    private const int AdviseHugePages = 14;

    /// <summary>Allocates; contents are undefined.</summary>
    /// <param name="bytes">How many.</param>
    /// <exception cref="OutOfMemoryException">The system gives no more.</exception>
    public static void* Allocate(nint bytes)
    {
        nuint count = (nuint)bytes;
        if (count < HugePage)
        {
            return NativeMemory.AlignedAlloc(count, Alignment);
        }

        void* memory = NativeMemory.AlignedAlloc(count, HugePage);
        if (OperatingSystem.IsLinux())
        {
            // A refusal costs speed only.
            _ = Advise(memory, count / HugePage * HugePage, AdviseHugePages);
        }

        return memory;
    }

    /// <summary>Gives memory back.</summary>
    /// <param name="memory">What <see cref="Allocate"/> gave, or null.</param>
    public static void Free(void* memory) => NativeMemory.AlignedFree(memory);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nuint length, int advice);
}

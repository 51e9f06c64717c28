using System.Runtime.InteropServices;
using BiPE.Core.Tensors;

namespace BiPE.Cpu.Tests.Kernels;

/// <summary>
/// Memory whose last byte (or first) lies beside a page that may not be touched: a kernel that reads or writes one element too
/// many ends the process at once, with the kernel on the stack. Linux only.
/// </summary>
internal sealed unsafe partial class GuardedMemory(bool guardsStart) : ICpuMemory
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly nint _page = Environment.SystemPageSize;
    private readonly Dictionary<nint, (nint Start, nuint Length)> _mappings = [];

    public MemoryUse Use => new(0, 0, 0, _mappings.Count);

    public CpuBuffer Take(long byteLength)
    {
        nint pages = ((nint)byteLength + _page - 1) / _page * _page;
        nuint length = (nuint)(pages + (2 * _page));
        nint mapping = Map(0, length, ReadWrite, PrivateAnonymous, -1, 0);
        Assert.That(mapping, Is.Not.EqualTo((nint)(-1)), "mmap failed");
        Assert.That(Protect(mapping, (nuint)_page, 0), Is.Zero, "mprotect failed");
        Assert.That(Protect(mapping + _page + pages, (nuint)_page, 0), Is.Zero, "mprotect failed");
        nint start = guardsStart ? mapping + _page : mapping + _page + pages - (nint)byteLength;
        new Span<byte>((byte*)start, checked((int)byteLength)).Fill(0xFF);
        _mappings.Add(start, (mapping, length));
        return new CpuBuffer((byte*)start, byteLength, sizeClass: 0);
    }

    public void Return(CpuBuffer buffer)
    {
        buffer.MarkReleased();
        (nint start, nuint length) = _mappings[(nint)buffer.Start];
        _mappings.Remove((nint)buffer.Start);
        Assert.That(Unmap(start, length), Is.Zero, "munmap failed");
    }

    public void Dispose() => Assert.That(_mappings, Is.Empty);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}

using System.Runtime.InteropServices;

namespace BiPE.Testing.Ptx;

/// <summary>
/// Shared memory of one group, with a note for every byte of who touched it since the last barrier: nothing else orders what
/// threads do, so two that touch the same byte, one of them writing, race.
/// </summary>
internal sealed class PtxSharedMemory
{
    private const int Nobody = -1;
    private const int Several = -2;
    private const ulong Alignment = 128;

    private readonly byte[] _bytes;
    private readonly bool[] _known;
    private readonly int[] _writers;
    private readonly int[] _readers;

    /// <summary>Makes room for a program's arrays.</summary>
    /// <param name="arrays">The arrays.</param>
    public PtxSharedMemory(IReadOnlyList<PtxSharedArray> arrays)
    {
        int length = arrays.Count == 0 ? 0 : arrays.Max(array => array.Start + array.Length);
        _bytes = GC.AllocateArray<byte>(length + (int)Alignment, pinned: true);
        Base = ((ulong)Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0) + Alignment - 1) / Alignment * Alignment;

        _known = new bool[length];
        _writers = new int[length];
        _readers = new int[length];
        Regions = new PtxRegions(arrays.Select(array => (Base + (ulong)array.Start, (ulong)array.Length)));
    }

    /// <summary>Address of the first byte.</summary>
    public ulong Base { get; }

    /// <summary>The arrays.</summary>
    public PtxRegions Regions { get; }

    /// <summary>A new group begins, which knows nothing of what another left.</summary>
    public void Reset()
    {
        _known.AsSpan().Clear();
        PassBarrier();
    }

    /// <summary>All threads have met.</summary>
    public void PassBarrier()
    {
        _writers.AsSpan().Fill(Nobody);
        _readers.AsSpan().Fill(Nobody);
    }

    /// <summary>Notes a read within the arrays; says what is wrong with it, or null.</summary>
    /// <param name="address">The first byte.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="thread">Who reads.</param>
    public string? NoteRead(ulong address, int bytes, int thread)
    {
        int first = (int)(address - Base);
        for (int at = first; at < first + bytes; at++)
        {
            if (!_known[at])
            {
                return "nothing was written to this shared memory";
            }

            if (_writers[at] != Nobody && _writers[at] != thread)
            {
                return $"a race: thread {_writers[at]} wrote to this shared memory, with no barrier between";
            }

            _readers[at] = _readers[at] == Nobody || _readers[at] == thread ? thread : Several;
        }

        return null;
    }

    /// <summary>Notes a write within the arrays; says what is wrong with it, or null.</summary>
    /// <param name="address">The first byte.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="thread">Who writes.</param>
    public string? NoteWrite(ulong address, int bytes, int thread)
    {
        int first = (int)(address - Base);
        for (int at = first; at < first + bytes; at++)
        {
            if (_writers[at] != Nobody && _writers[at] != thread)
            {
                return $"a race: thread {_writers[at]} wrote to this shared memory, too, with no barrier between";
            }

            if (_readers[at] != Nobody && _readers[at] != thread)
            {
                string who = _readers[at] == Several ? "other threads read" : $"thread {_readers[at]} reads";
                return $"a race: {who} this shared memory, with no barrier between";
            }

            _writers[at] = thread;
            _known[at] = true;
        }

        return null;
    }
}

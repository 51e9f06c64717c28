namespace BiPE.Cpu;

/// <summary>
/// Memory that kernels use within one call: one region that all workers share and one region each. It grows to the largest
/// call and stays, so that calls allocate nothing. Contents are undefined.
/// </summary>
internal sealed unsafe class ScratchMemory : IDisposable
{
    private const nint Alignment = 64;

    private readonly int _workerCount;
    private void* _shared;
    private nint _sharedBytes;
    private void* _workers;
    private nint _workersBytes;

    /// <summary>Creates scratch memory; nothing is allocated yet.</summary>
    /// <param name="workerCount">Number of workers.</param>
    public ScratchMemory(int workerCount) => _workerCount = workerCount;

    /// <summary>The region of all, 64-byte aligned; what was got before becomes invalid.</summary>
    /// <param name="count">Float32 elements.</param>
    public float* Shared(nint count)
    {
        Grow(ref _shared, ref _sharedBytes, count * sizeof(float));
        return (float*)_shared;
    }

    /// <summary>The workers' own regions, 64-byte aligned, one after the other; what was got before becomes invalid.</summary>
    /// <param name="count">Float32 elements that each needs.</param>
    public WorkerScratch PerWorker(nint count)
    {
        // A line apart, so that no two workers write the same one.
        nint stride = ((count * sizeof(float)) + (2 * Alignment) - 1) / Alignment * Alignment / sizeof(float);
        Grow(ref _workers, ref _workersBytes, stride * _workerCount * sizeof(float));
        return new WorkerScratch((float*)_workers, stride);
    }

    /// <summary>Gives everything back.</summary>
    public void Dispose()
    {
        SystemMemory.Free(_shared);
        SystemMemory.Free(_workers);
        _shared = _workers = null;
        _sharedBytes = _workersBytes = 0;
    }

    private static void Grow(ref void* memory, ref nint bytes, nint needed)
    {
        if (needed <= bytes)
        {
            return;
        }

        SystemMemory.Free(memory);
        memory = null;
        bytes = 0;
        memory = SystemMemory.Allocate(needed);
        bytes = needed;
    }
}

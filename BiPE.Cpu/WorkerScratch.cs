namespace BiPE.Cpu;

/// <summary>Scratch regions of the workers.</summary>
/// <param name="start">Region of worker 0.</param>
/// <param name="stride">Elements from one region to the next.</param>
internal readonly unsafe struct WorkerScratch(float* start, nint stride)
{
    private readonly float* _start = start;

    /// <summary>Region of one worker.</summary>
    /// <param name="worker">Its number.</param>
    public float* this[int worker] => _start + (worker * stride);
}

namespace BiPE.Cpu;

/// <summary>What kernels run with: threads and scratch memory.</summary>
internal sealed class KernelContext : IDisposable
{
    /// <summary>Starts the threads.</summary>
    /// <param name="workerCount">Threads that work, with the caller.</param>
    public KernelContext(int workerCount)
    {
        Workers = new WorkerPool(workerCount);
        Scratch = new ScratchMemory(workerCount);
    }

    public WorkerPool Workers { get; }

    public ScratchMemory Scratch { get; }

    /// <summary>Ends the threads and gives the memory back.</summary>
    public void Dispose()
    {
        Workers.Dispose();
        Scratch.Dispose();
    }

    /// <summary>Chunks that cover a count in pieces of one size, the last one smaller.</summary>
    /// <param name="count">Elements or rows.</param>
    /// <param name="size">Of each chunk.</param>
    public static int Chunks(nint count, nint size) => checked((int)((count + size - 1) / size));
}

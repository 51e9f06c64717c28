namespace BiPE.Cpu;

/// <summary>Work of a <see cref="WorkerPool"/>, cut into chunks; a struct of pointers and sizes, so that a call allocates nothing.</summary>
internal interface IJob
{
    /// <summary>Does one chunk. Chunks run in any order and at once, so they write disjoint memory.</summary>
    /// <param name="chunk">Which one.</param>
    /// <param name="worker">Number of the running worker, below <see cref="WorkerPool.WorkerCount"/>: whose scratch memory to use.</param>
    void Execute(int chunk, int worker);
}

using BiPE.Core.Tensors;

namespace BiPE.Cpu;

/// <summary>Where a CPU backend's tensors get their memory: the pool, or in tests memory beside guard pages.</summary>
internal interface ICpuMemory : IDisposable
{
    /// <summary>Memory taken now and at most.</summary>
    MemoryUse Use { get; }

    /// <summary>Takes memory whose content is undefined.</summary>
    /// <param name="byteLength">Bytes.</param>
    CpuBuffer Take(long byteLength);

    /// <summary>Gives memory back.</summary>
    /// <param name="buffer">As taken.</param>
    void Return(CpuBuffer buffer);
}

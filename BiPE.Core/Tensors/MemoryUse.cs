namespace BiPE.Core.Tensors;

/// <summary>Memory a backend's pool takes, in bytes.</summary>
/// <param name="Used">Held by tensors now.</param>
/// <param name="Peak">Most that was held at once.</param>
/// <param name="Reserved">Taken from the system: used and kept for reuse.</param>
/// <param name="LiveBuffers">Buffers not released.</param>
public readonly record struct MemoryUse(long Used, long Peak, long Reserved, int LiveBuffers);

namespace BiPE.Testing.Ptx;

/// <summary>An array in shared memory.</summary>
/// <param name="Start">Its first byte.</param>
/// <param name="Length">Bytes.</param>
internal sealed record PtxSharedArray(int Start, int Length);

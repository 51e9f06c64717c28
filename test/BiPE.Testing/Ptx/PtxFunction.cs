namespace BiPE.Testing.Ptx;

/// <summary>Computes a register of a warp's lanes, in each lane by itself.</summary>
/// <param name="to">Where the results go.</param>
/// <param name="a">First operands.</param>
/// <param name="b">Second ones; any where there is one.</param>
/// <param name="c">Third ones; any where there are fewer.</param>
/// <param name="lanes">A bit for every lane that computes.</param>
internal delegate void PtxFunction(Span<ulong> to, ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, ReadOnlySpan<ulong> c, uint lanes);

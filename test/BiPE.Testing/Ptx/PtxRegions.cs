namespace BiPE.Testing.Ptx;

/// <summary>The memory that may be touched.</summary>
/// <param name="regions">Starts and lengths in bytes.</param>
internal sealed class PtxRegions(IEnumerable<(ulong Start, ulong Length)> regions)
{
    private readonly (ulong Start, ulong Length)[] _regions = [.. regions.Where(region => region.Length > 0)];
    private int _last;

    /// <summary>Whether some bytes lie within one region.</summary>
    /// <param name="address">The first.</param>
    /// <param name="bytes">How many.</param>
    public bool Contain(ulong address, int bytes)
    {
        if (_regions.Length == 0)
        {
            return false;
        }

        // Threads side by side touch the same region.
        for (int tried = 0; tried < _regions.Length; tried++)
        {
            (ulong start, ulong length) = _regions[_last];
            if (address >= start && address - start <= length - Math.Min(length, (ulong)bytes) && (ulong)bytes <= length)
            {
                return true;
            }

            _last = _last + 1 == _regions.Length ? 0 : _last + 1;
        }

        return false;
    }

    /// <summary>The regions, for a message.</summary>
    public override string ToString() => _regions.Length == 0
        ? "none"
        : string.Join(", ", _regions.Select(region => $"{region.Length} bytes at 0x{region.Start:x}"));
}

namespace BiPE.Cpu;

/// <summary>
/// Memory for tensors of about a megabyte and more, cut from a few regions and joined again when it comes back, so that gradients
/// of the weights take the place of activations that the backward pass is done with, whatever their sizes. The smallest place that fits
/// is taken: with the lowest, a step of a 151M model's training wasted 0.3 GB, with the smallest 0.1. Memory that was never used
/// costs no page.
/// </summary>
internal sealed unsafe class LargeMemory
{
    private const long Granularity = 64;
    private const long SmallestRegion = 64 << 20;
    private const long LargestRegion = 1 << 30;

    // By address; neighbours of the same region are one.
    private readonly List<Range> _free = [];
    private readonly List<Region> _regions = [];

    /// <summary>Bytes that have been in use at some time and not gone back to the system.</summary>
    public long Reserved { get; private set; }

    /// <summary>Bytes that a piece takes.</summary>
    /// <param name="bytes">Bytes asked for.</param>
    public static long RoundUp(long bytes) => (bytes + Granularity - 1) / Granularity * Granularity;

    /// <summary>Takes a piece whose content is undefined.</summary>
    /// <param name="bytes">Its length, of <see cref="RoundUp"/>.</param>
    /// <exception cref="OutOfMemoryException">The system gives no more.</exception>
    public byte* Take(long bytes)
    {
        int best = -1;
        for (int i = 0; i < _free.Count; i++)
        {
            if (_free[i].Length >= bytes && (best < 0 || _free[i].Length < _free[best].Length))
            {
                best = i;
            }
        }

        if (best < 0)
        {
            return TakeUnused(bytes);
        }

        Range range = _free[best];
        if (range.Length == bytes)
        {
            _free.RemoveAt(best);
        }
        else
        {
            _free[best] = new Range(range.Start + (nint)bytes, range.Length - bytes, range.Region);
        }

        range.Region.LiveCount++;
        return (byte*)range.Start;
    }

    /// <summary>Gives a piece back.</summary>
    /// <param name="start">Where it begins.</param>
    /// <param name="bytes">Its length, as taken.</param>
    public void Return(byte* start, long bytes)
    {
        Region region = _regions.Find(region => region.Holds(start))!;
        region.LiveCount--;
        int index = FirstFreeBehind((nint)start);
        if (index < _free.Count && _free[index] is var next && next.Region == region && next.Start == (nint)start + (nint)bytes)
        {
            bytes += next.Length;
            _free.RemoveAt(index);
        }

        if (index > 0 && _free[index - 1] is var before && before.Region == region && before.End == (nint)start)
        {
            _free[index - 1] = before with { Length = before.Length + bytes };
            return;
        }

        _free.Insert(index, new Range((nint)start, bytes, region));
    }

    /// <summary>Gives regions of which nothing is in use back to the system; one piece in use holds its region.</summary>
    public void FreeUnused()
    {
        foreach (Region region in _regions.Where(region => region.LiveCount == 0))
        {
            Reserved -= region.Used;
            SystemMemory.Free(region.Start);
        }

        _free.RemoveAll(range => range.Region.LiveCount == 0);
        _regions.RemoveAll(region => region.LiveCount == 0);
    }

    /// <summary>Memory that was never used, from what is free right before it on.</summary>
    private byte* TakeUnused(long bytes)
    {
        foreach (Region region in _regions)
        {
            int last = FirstFreeBehind((nint)(region.Start + region.Used)) - 1;
            bool isFreeBefore = last >= 0 && _free[last].Region == region && _free[last].End == (nint)(region.Start + region.Used);
            long free = isFreeBefore ? _free[last].Length : 0;
            if (region.Unused >= bytes - free)
            {
                if (isFreeBefore)
                {
                    _free.RemoveAt(last);
                }

                return Extend(region, bytes, free);
            }
        }

        return Extend(AddRegion(bytes), bytes, free: 0);
    }

    private byte* Extend(Region region, long bytes, long free)
    {
        byte* start = region.Start + region.Used - free;
        region.Used += bytes - free;
        region.LiveCount++;
        Reserved += bytes - free;
        return start;
    }

    /// <summary>Regions grow with what is there already, so that there are few of them and the last is not much too large.</summary>
    private Region AddRegion(long bytes)
    {
        long length = Math.Max(bytes, Math.Clamp(Reserved / 2, SmallestRegion, LargestRegion));
        byte* start;
        try
        {
            start = (byte*)SystemMemory.Allocate((nint)length);
        }
        catch (OutOfMemoryException) when (length > bytes)
        {
            length = bytes;
            start = (byte*)SystemMemory.Allocate((nint)length);
        }

        var region = new Region(start, length);
        _regions.Add(region);
        return region;
    }

    private int FirstFreeBehind(nint start)
    {
        int low = 0;
        for (int high = _free.Count; low < high;)
        {
            int middle = (low + high) / 2;
            if (_free[middle].Start < start)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private readonly record struct Range(nint Start, long Length, Region Region)
    {
        public nint End => Start + (nint)Length;
    }

    private sealed class Region(byte* start, long length)
    {
        public byte* Start => start;

        /// <summary>Bytes that have been in use; what lies behind them never was.</summary>
        public long Used { get; set; }

        public long Unused => length - Used;

        /// <summary>Pieces in use.</summary>
        public int LiveCount { get; set; }

        public bool Holds(byte* address) => address >= start && address < start + length;
    }
}

namespace BiPE.Cpu.Kernels;

/// <summary>Copies a factor into panels, columns of the second or rows of the first. A chunk is some of the lanes over some of the inner dimension.</summary>
internal unsafe struct MatMulPackJob : IJob
{
    // Where lanes lie side by side, runs of 2 KB are long enough for the processor to fetch ahead by itself.
    private const int ChunkLanes = 512;
    private const int ChunkInner = 64;

    /// <summary>The factor's first element.</summary>
    public float* Source;

    /// <summary>The factor's first element if it is bfloat16, in lanes that run along the inner dimension; else null.</summary>
    public ushort* BFloat16Source;

    public nint Lanes;
    public nint LaneStride;
    public nint InnerStride;
    public nint InnerCount;

    /// <summary>Where the panels lie.</summary>
    public float* Panels;

    /// <summary>Elements from a panel to the next.</summary>
    public nint PanelStride;

    /// <summary>Lanes of a panel.</summary>
    public nint Width;

    /// <summary>Lanes of the last one, no more.</summary>
    public nint LastWidth;

    /// <summary>How many chunks there are.</summary>
    public readonly int Chunks => KernelContext.Chunks(Lanes, LanesOfChunk) * InnerChunks;

    private readonly nint LanesOfChunk => ChunkLanes / Width * Width;

    private readonly int InnerChunks => KernelContext.Chunks(InnerCount, ChunkInner);

    /// <inheritdoc/>
    public readonly void Execute(int chunk, int worker)
    {
        nint lane = chunk / InnerChunks * LanesOfChunk;
        nint inner = chunk % InnerChunks * ChunkInner;
        Pack(lane, Math.Min(lane + LanesOfChunk, Lanes), inner, Math.Min(ChunkInner, InnerCount - inner));
    }

    /// <summary>Copies some lanes over the whole inner dimension.</summary>
    /// <param name="firstLane">First of them, that of a panel.</param>
    /// <param name="endLane">One past the last.</param>
    public readonly void Pack(nint firstLane, nint endLane) => Pack(firstLane, endLane, 0, InnerCount);

    private readonly void Pack(nint firstLane, nint endLane, nint firstInner, nint innerCount)
    {
        // All but a narrower last panel can be read side by side.
        nint last = LastWidth < Width && endLane == Lanes ? (Lanes - 1) / Width * Width : endLane;
        PackAlike(firstLane, last, Width, firstInner, innerCount);
        PackAlike(last, endLane, LastWidth, firstInner, innerCount);
    }

    private readonly void PackAlike(nint firstLane, nint endLane, nint width, nint firstInner, nint innerCount)
    {
        if (firstLane >= endLane)
        {
            return;
        }

        float* panel = Panels + (firstLane / Width * PanelStride) + (firstInner * width);
        nint start = (firstLane * LaneStride) + (firstInner * InnerStride);
        if (BFloat16Source != null)
        {
            BFloat16Kernels.Pack(panel, PanelStride, BFloat16Source + start, endLane - firstLane, width, innerCount, LaneStride);
        }
        else
        {
            MatMulPacking.Pack(panel, PanelStride, Source + start, endLane - firstLane, width, innerCount, LaneStride, InnerStride);
        }
    }
}

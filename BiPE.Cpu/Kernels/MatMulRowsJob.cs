using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// A block of a product by rows, for a first factor that has to be copied and is no smaller than the second: all columns are copied first,
/// then each thread copies a part of the rows for itself, and the panels go by. A chunk is a part of the rows and a group of the panels; the
/// groups of a part follow one another, so that a thread finds its rows copied from the group before.
/// </summary>
internal unsafe struct MatMulRowsJob<TSimd, TVector> : IJob
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    // 524 KB of an outer cache of 1 MB; a panel takes 197. Fewer rows would read memory in shorter runs.
    private const int MostPartRows = 128;

    // Many chunks for every worker, since all wait for the last one.
    private const int ChunksPerWorker = 32;

    private readonly MatMulBlock<TSimd, TVector> _block;
    private readonly float* _panels;
    private readonly nint _partRows;
    private readonly int _parts;
    private readonly int _groupPanels;
    private readonly int _groups;
    private readonly WorkerScratch _scratch;

    private MatMulRowsJob(KernelContext context, in MatMulBlock<TSimd, TVector> block, float* panels)
    {
        _block = block;
        _panels = panels;
        nint evenRows = KernelContext.Chunks(block.Rows, KernelContext.Chunks(block.Rows, MostPartRows));
        _partRows = KernelContext.Chunks(evenRows, TSimd.TileRows) * TSimd.TileRows;
        _parts = KernelContext.Chunks(block.Rows, _partRows);
        int workers = context.Workers.WorkerCount;
        int wanted = workers == 1 ? 1 : KernelContext.Chunks(workers * ChunksPerWorker, _parts);
        _groupPanels = KernelContext.Chunks(block.Panels.Count, Math.Min(wanted, block.Panels.Count));
        _groups = KernelContext.Chunks(block.Panels.Count, _groupPanels);
        _scratch = context.Scratch.PerWorker(PackedLength + block.EdgeLength + 1);
    }

    private readonly nint PackedLength => _partRows / TSimd.TileRows * _block.StripStride;

    /// <summary>Computes a block.</summary>
    /// <param name="context">Threads and scratch memory.</param>
    /// <param name="block">The block.</param>
    public static void Run(KernelContext context, in MatMulBlock<TSimd, TVector> block)
    {
        float* panels = context.Scratch.Shared(block.Panels.Count * block.PanelStride);
        MatMulPackJob copying = block.PackColumns(panels);
        context.Workers.Run(copying.Chunks, copying);
        var job = new MatMulRowsJob<TSimd, TVector>(context, block, panels);
        for (int worker = 0; worker < context.Workers.WorkerCount; worker++)
        {
            *job.PackedPart(worker) = -1;
        }

        context.Workers.Run(job._parts * job._groups, job);
    }

    /// <inheritdoc/>
    public readonly void Execute(int chunk, int worker)
    {
        int part = chunk / _groups;
        nint firstRow = part * _partRows;
        nint endRow = Math.Min(firstRow + _partRows, _block.Rows);

        // The job counts strips from the block's first row.
        float* packed = _scratch[worker];
        float* strips = packed - (firstRow / TSimd.TileRows * _block.StripStride);
        if (*PackedPart(worker) != part)
        {
            _block.PackRows(strips).Pack(firstRow, endRow);
            *PackedPart(worker) = part;
        }

        // Parts begin with different panels: cores that read the same lines at once take them from each other's caches.
        nint group = ((chunk % _groups) + ((nint)_groups * part / _parts)) % _groups;
        nint firstPanel = group * _groupPanels;
        nint endPanel = Math.Min(firstPanel + _groupPanels, _block.Panels.Count);
        for (nint index = firstPanel; index < endPanel; index++)
        {
            for (nint row = firstRow; row < endRow; row += TSimd.TileRows)
            {
                _block.Multiply(
                    row, Math.Min(TSimd.TileRows, endRow - row), strips + (row / TSimd.TileRows * _block.StripStride),
                    _panels + (index * _block.PanelStride), index, packed + PackedLength);
            }
        }
    }

    /// <summary>Which part's rows a worker has.</summary>
    private readonly int* PackedPart(int worker) => (int*)(_scratch[worker] + PackedLength + _block.EdgeLength);
}

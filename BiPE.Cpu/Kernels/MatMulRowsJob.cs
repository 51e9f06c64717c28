using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// A block of a product by rows, for a first factor that has to be copied and is no smaller than the second: all columns are copied first,
/// then each thread copies a part of the rows for itself, and the panels go by. A chunk is a part of the rows and some of the panels.
/// </summary>
internal unsafe struct MatMulRowsJob<TSimd, TVector> : IJob
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    // 524 KB of an outer cache of 1 MB; a panel takes 197. Fewer rows would read memory in shorter runs.
    private const int MostPartRows = 128;

    // Copied rows should meet many panels, so these are no more than needed.
    private const int ChunksPerWorker = 3;

    private readonly MatMulBlock<TSimd, TVector> _block;
    private readonly float* _panels;
    private readonly nint _partRows;
    private readonly int _parts;
    private readonly int _partPanels;
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
        _partPanels = KernelContext.Chunks(block.Panels.Count, Math.Min(wanted, block.Panels.Count));
        _scratch = context.Scratch.PerWorker(PackedLength + block.EdgeLength);
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
        context.Workers.Run(job._parts * KernelContext.Chunks(block.Panels.Count, job._partPanels), job);
    }

    /// <inheritdoc/>
    public readonly void Execute(int chunk, int worker)
    {
        nint part = chunk % _parts;
        nint firstRow = part * _partRows;
        nint endRow = Math.Min(firstRow + _partRows, _block.Rows);
        nint firstPanel = chunk / _parts * (nint)_partPanels;
        nint panelCount = Math.Min(_partPanels, _block.Panels.Count - firstPanel);

        // The job counts strips from the block's first row.
        float* packed = _scratch[worker];
        float* strips = packed - (firstRow / TSimd.TileRows * _block.StripStride);
        _block.PackRows(strips).Pack(firstRow, endRow);

        // Parts begin with different panels: cores that read the same lines at once take them from each other's caches.
        nint turn = part * panelCount / _parts;
        for (nint i = 0; i < panelCount; i++)
        {
            nint index = firstPanel + ((i + turn) % panelCount);
            for (nint row = firstRow; row < endRow; row += TSimd.TileRows)
            {
                _block.Multiply(
                    row, Math.Min(TSimd.TileRows, endRow - row), strips + (row / TSimd.TileRows * _block.StripStride),
                    _panels + (index * _block.PanelStride), index, packed + PackedLength);
            }
        }
    }
}

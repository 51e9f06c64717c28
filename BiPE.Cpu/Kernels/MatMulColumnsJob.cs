using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// A block of a product by columns: a thread copies a group of panels for itself, and all rows go by. A chunk is a group and a part of the
/// rows; the parts of a group follow one another, so that a thread finds its panels copied from the part before.
/// </summary>
internal unsafe struct MatMulColumnsJob<TSimd, TVector> : IJob
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    // A strip of rows meets all panels of a group, so it comes from the shared cache once for each group.
    private const int PanelsOfGroup = 2;

    // Many chunks for every worker, since all wait for the last one, but no fewer rows than these; whole groups as long as every worker
    // still has several.
    private const int ChunksPerWorker = 32;
    private const int FewestChunksPerWorker = 8;
    private const int LeastPartRows = 64;

    // Lines of a row that are asked for before its tile begins; from there the processor goes on by itself.
    private const int LinesAhead = 2;

    private readonly MatMulBlock<TSimd, TVector> _block;
    private readonly float* _strips;
    private readonly int _groupPanels;
    private readonly int _groups;
    private readonly nint _partRows;
    private readonly int _parts;
    private readonly WorkerScratch _scratch;

    private MatMulColumnsJob(KernelContext context, in MatMulBlock<TSimd, TVector> block, float* strips)
    {
        _block = block;
        _strips = strips;
        int workers = context.Workers.WorkerCount;
        int wanted = workers == 1 ? 1 : workers * ChunksPerWorker;
        int fewest = workers == 1 ? 1 : workers * FewestChunksPerWorker;
        int mostParts = block.StripRows >= block.Rows ? 1 : KernelContext.Chunks(block.Rows, LeastPartRows);
        _groupPanels = KernelContext.Chunks(block.Panels.Count, PanelsOfGroup) * mostParts >= fewest ? PanelsOfGroup : 1;
        _groups = KernelContext.Chunks(block.Panels.Count, _groupPanels);
        nint partRows = KernelContext.Chunks(block.Rows, Math.Clamp(KernelContext.Chunks(wanted, _groups), 1, mostParts));
        _partRows = KernelContext.Chunks(partRows, block.StripRows) * block.StripRows;
        _parts = KernelContext.Chunks(block.Rows, _partRows);
        _scratch = context.Scratch.PerWorker(PackedLength + block.EdgeLength + 1);
    }

    private readonly nint PackedLength => _block.IsFrozen ? 0 : _groupPanels * _block.PanelStride;

    /// <summary>Computes a block.</summary>
    /// <param name="context">Threads and scratch memory.</param>
    /// <param name="block">The block.</param>
    public static void Run(KernelContext context, in MatMulBlock<TSimd, TVector> block)
    {
        float* strips = null;
        if (block.CopiesRows)
        {
            strips = context.Scratch.Shared(KernelContext.Chunks(block.Rows, TSimd.TileRows) * block.StripStride);
            MatMulPackJob copying = block.PackRows(strips);
            context.Workers.Run(copying.Chunks, copying);
        }

        var job = new MatMulColumnsJob<TSimd, TVector>(context, block, strips);
        for (int worker = 0; worker < context.Workers.WorkerCount; worker++)
        {
            *job.PackedGroup(worker) = -1;
        }

        context.Workers.Run(job._groups * job._parts, job);
    }

    /// <inheritdoc/>
    public readonly void Execute(int chunk, int worker)
    {
        int group = chunk / _parts;
        nint firstPanel = (nint)group * _groupPanels;
        nint endPanel = Math.Min(firstPanel + _groupPanels, _block.Panels.Count);
        float* packed = _scratch[worker];
        if (!_block.IsFrozen && *PackedGroup(worker) != group)
        {
            // The job counts panels from the matrix's first one.
            _block.PackColumns(packed - (firstPanel * _block.PanelStride)).Pack(
                firstPanel * _block.Panels.PanelColumns, Math.Min(endPanel * _block.Panels.PanelColumns, _block.Panels.ColumnCount));
            *PackedGroup(worker) = group;
        }

        // Groups begin with different rows: cores that read the same lines at once take them from each other's caches.
        nint part = ((chunk % _parts) + ((nint)_parts * group / _groups)) % _parts;
        nint firstRow = part * _partRows;
        nint endRow = Math.Min(firstRow + _partRows, _block.Rows);
        for (nint row = firstRow; row < endRow; row += _block.StripRows)
        {
            for (nint index = firstPanel; index < endPanel; index++)
            {
                if (index == endPanel - 1)
                {
                    FetchStrip(row + _block.StripRows);
                }

                float* panel = packed + ((index - firstPanel) * _block.PanelStride);
                _block.Multiply(row, Math.Min(_block.StripRows, endRow - row), StripOf(row), panel, index, packed + PackedLength);
            }
        }
    }

    private readonly float* StripOf(nint row) =>
        _block.CopiesRows ? _strips + (row / TSimd.TileRows * _block.StripStride) : _block.RowsOf(row);

    /// <summary>Which group's panels a worker has.</summary>
    private readonly int* PackedGroup(int worker) => (int*)(_scratch[worker] + PackedLength + _block.EdgeLength);

    /// <summary>Asks for where rows of a strip begin.</summary>
    private readonly void FetchStrip(nint row)
    {
        nint stride = _block.CopiesRows ? LinesAhead * CacheLine.Elements : _block.RowStride;
        float* start = StripOf(row);
        for (nint i = 0; i < Math.Min(TSimd.TileRows, _block.Rows - row); i++)
        {
            for (nint line = 0; line < LinesAhead; line++)
            {
                CacheLine.Fetch(start + (i * stride) + (line * CacheLine.Elements));
            }
        }
    }
}

using System.Runtime.InteropServices;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// Matrix products in the manner of Goto and van de Geijn (2008, "Anatomy of high-performance matrix multiplication"). The
/// second factor is copied into panels as wide as a register tile, a block of the inner dimension at a time; a grid of parts of the
/// destination then runs over the panels. The first factor is read where it lies if its rows are contiguous, since a tile's eight
/// rows are eight streams that the processor fetches ahead by itself; a transposed one is copied by each part of the grid for
/// itself. The inner blocks depend on the shape alone, so every element of the destination is summed in the same order, whatever the grid
/// and whoever computes it.
/// </summary>
internal static unsafe class MatMulKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    // A panel of 48 columns takes 197 KB and a part's rows 524 KB: both stay in an outer cache of 1 MB, from which
    // a tile needs 19 bytes a cycle. Longer blocks read and write the destination less often.
    private const int InnerBlock = 1024;

    // All panels of a block together, 12.6 MB, stay in the cache that the cores share.
    private const int ColumnBlock = 3072;

    // Most rows and columns of a part of the grid; enough parts for every worker to have several matter more.
    private const int PartRows = 128;
    private const int PartColumns = 384;
    private const int PartsPerWorker = 8;

    // Parts that copy rows should have many panels to multiply them by: with 32 rows a part in place of 128, weight gradients
    // took 3 to 9 % longer.
    private const int PackedPartsPerWorker = 3;

    // Panels are copied two at a time, so that memory is read in longer runs.
    private const int PanelsPerChunk = 2;

    /// <summary>Products of at most this many rows with a transposed second factor read it once, unpacked.</summary>
    private const int MaximumDotRows = 16;

    // So few rows are summed over all of the inner dimension at once: the weights' way from memory is what takes time, and a panel
    // is one run of it.
    private const int FewRows = 32;

    // Few rows that take more than one tile run over a panel in blocks, while the next block is fetched: otherwise the first tile would
    // wait for memory, and memory for the other tiles. Up to a tile and a half, reading takes longer than multiplying, and two blocks
    // should fit a first cache of 48 KB; beyond, longer blocks touch the destination less often.
    private const int ReadBlock = 96;
    private const int MultipliedBlock = 384;

    /// <summary>Columns of a panel.</summary>
    public static int PanelColumns => TileProduct<TSimd, TVector>.WideColumns;

    /// <summary>Computes a product.</summary>
    /// <param name="context">Threads and scratch memory.</param>
    /// <param name="product">What to compute; the destination overlaps nothing.</param>
    public static void Multiply(KernelContext context, in MatMulOperands product)
    {
        if (product.M == 0 || product.N == 0)
        {
            return;
        }

        if (product.K == 0)
        {
            if (!product.Accumulate)
            {
                NativeMemory.Clear(product.C, (nuint)(product.M * product.N * sizeof(float)));
            }

            return;
        }

        if (product.FrozenColumns != 0)
        {
            MultiplyFrozen(context, product);
            return;
        }

        if (product.M <= MaximumDotRows && product.AColumn == 1 && product.BRow == 1)
        {
            DotProductKernel<TSimd, TVector>.Multiply(context, product);
            return;
        }

        nint innerBlock = InnerBlockOf(product.K);
        float* panels = context.Scratch.Shared(RoundUp(Math.Min(product.N, ColumnBlock), PanelColumns) * innerBlock);
        for (nint column = 0; column < product.N; column += ColumnBlock)
        {
            nint columns = Math.Min(ColumnBlock, product.N - column);
            for (nint inner = 0; inner < product.K; inner += innerBlock)
            {
                nint count = Math.Min(innerBlock, product.K - inner);
                var copied = new MatMulPanels
                {
                    Start = panels,
                    Stride = count * PanelColumns,
                    PanelColumns = PanelColumns,
                    MatrixColumns = RoundUp(columns, TSimd.Width),
                    ColumnCount = columns,
                };
                context.Workers.Run(KernelContext.Chunks(copied.Count, PanelsPerChunk), new PackJob
                {
                    Source = product.B + (inner * product.BRow) + (column * product.BColumn),
                    Panels = copied,
                    InnerCount = count,
                    BRow = product.BRow,
                    BColumn = product.BColumn,
                });
                Run(context, product, column, inner, count, copied);
            }
        }
    }

    /// <summary>The panels are there already, all of the inner dimension one after the other.</summary>
    private static void MultiplyFrozen(KernelContext context, in MatMulOperands product)
    {
        nint innerBlock = product.M <= FewRows ? product.K : InnerBlockOf(product.K);
        nint firstPanel = product.FirstFrozenColumn / PanelColumns;
        for (nint inner = 0; inner < product.K; inner += innerBlock)
        {
            Run(context, product, column: 0, inner, Math.Min(innerBlock, product.K - inner), new MatMulPanels
            {
                Start = product.B + (firstPanel * PanelColumns * product.K),
                Stride = product.K * PanelColumns,
                PanelColumns = PanelColumns,
                MatrixColumns = product.FrozenColumns - (firstPanel * PanelColumns),
                FirstInner = inner,
                FirstColumn = product.FirstFrozenColumn % PanelColumns,
                ColumnCount = product.N,
            });
        }
    }

    /// <summary>Elements of the inner dimension that are summed in registers before the destination is touched.</summary>
    public static nint InnerBlockOf(nint k)
    {
        nint blocks = (k + InnerBlock - 1) / InnerBlock;
        return RoundUp((k + blocks - 1) / blocks, 16);
    }

    private static nint RoundUp(nint count, nint multiple) => (count + multiple - 1) / multiple * multiple;

    private static void Run(KernelContext context, in MatMulOperands product, nint column, nint inner, nint count, MatMulPanels panels)
    {
        nint partRows = Even(product.M, PartRows, TSimd.TileRows);
        bool packsA = product.AColumn != 1;
        nint partPanels = packsA ? panels.Count : Even(panels.Count, PartColumns / PanelColumns, 1);
        int wanted = context.Workers.WorkerCount == 1 ? 1 : (packsA ? PackedPartsPerWorker : PartsPerWorker) * context.Workers.WorkerCount;
        while (partPanels > 1 && Parts(product.M, partRows) * Parts(panels.Count, partPanels) < wanted)
        {
            partPanels = Even(panels.Count, partPanels / 2, 1);
        }

        nint packedCount = packsA ? partRows * count : 0;
        var job = new Job
        {
            Product = product,
            FirstColumn = column,
            FirstInner = inner,
            InnerCount = count,
            PartRows = partRows,
            PartPanels = partPanels,
            Panels = panels,
            PackedCount = packedCount,
            Scratch = context.Scratch.PerWorker(packedCount + (partRows * PanelColumns)),
        };
        context.Workers.Run(Parts(product.M, partRows) * Parts(panels.Count, partPanels), job);
    }

    private static int Parts(nint count, nint size) => KernelContext.Chunks(count, size);

    /// <summary>Size of parts that are no larger than asked for and all about the same.</summary>
    private static nint Even(nint count, nint most, nint multiple)
    {
        nint parts = (count + most - 1) / most;
        return RoundUp((count + parts - 1) / parts, multiple);
    }

    /// <summary>Runs over the panels; a chunk is a part of the grid over the destination.</summary>
    private struct Job : IJob
    {
        public MatMulOperands Product;
        public nint FirstColumn;
        public nint FirstInner;
        public nint InnerCount;
        public nint PartRows;
        public nint PartPanels;
        public MatMulPanels Panels;
        public nint PackedCount;
        public WorkerScratch Scratch;

        public readonly void Execute(int chunk, int worker)
        {
            int rowParts = Parts(Product.M, PartRows);
            nint firstRow = chunk % rowParts * PartRows;
            nint firstPanel = chunk / rowParts * PartPanels;
            nint rows = Math.Min(PartRows, Product.M - firstRow);
            nint endPanel = Math.Min(firstPanel + PartPanels, Panels.Count);
            float* a = Product.A + (firstRow * Product.ARow) + (FirstInner * Product.AColumn);
            bool accumulate = Product.Accumulate || FirstInner > 0;
            float* packed = Scratch[worker];
            float* edge = packed + PackedCount;
            if (PackedCount != 0)
            {
                MatMulPacking.Pack(packed, a, rows, TSimd.TileRows, InnerCount, Product.ARow, Product.AColumn);
            }

            float* c = Product.C + (firstRow * Product.N) + FirstColumn;

            // Parts of the same panels begin with different ones: cores that read the same lines at once take them from each other's caches.
            nint panelCount = endPanel - firstPanel;
            nint turn = chunk % rowParts * panelCount / rowParts;
            for (nint i = 0; i < panelCount; i++)
            {
                nint index = firstPanel + ((i + turn) % panelCount);
                nint width = Panels.WidthOf(index);
                (nint column, nint skipped, nint columns) = Panels.ColumnsOf(index);
                float* panel = Panels.At(index);
                if (columns == width)
                {
                    Panel(rows, packed, a, panel, width, c + column, Product.N, accumulate);
                }
                else
                {
                    Panel(rows, packed, a, panel, width, edge, PanelColumns, accumulate: false);
                    WriteEdge(c + column, edge + skipped, rows, columns, accumulate);
                }
            }
        }

        /// <summary>All rows of a part times one panel.</summary>
        private readonly void Panel(nint rows, float* packed, float* a, float* panel, nint width, float* c, nint cRow, bool accumulate)
        {
            if (Product.FrozenColumns != 0 && PackedCount == 0 && Product.M <= FewRows && rows > TSimd.TileRows)
            {
                Blocks(rows, a, panel, width, c, cRow, accumulate);
                return;
            }

            if (PackedCount == 0)
            {
                TileProduct<TSimd, TVector>.Multiply(
                    rows, width, InnerCount, a, Product.ARow, 1, panel, width, c, cRow, Product.Alpha, accumulate);
                return;
            }

            for (nint row = 0; row < rows; row += TSimd.TileRows)
            {
                TileProduct<TSimd, TVector>.Multiply(
                    Math.Min(TSimd.TileRows, rows - row), width, InnerCount, packed + (row * InnerCount), 1, TSimd.TileRows,
                    panel, width, c + (row * cRow), cRow, Product.Alpha, accumulate);
            }
        }

        /// <summary>A few rows times one panel.</summary>
        private readonly void Blocks(nint rows, float* a, float* panel, nint width, float* c, nint cRow, bool accumulate)
        {
            nint block = 2 * rows <= 3 * TSimd.TileRows ? ReadBlock : MultipliedBlock;
            for (nint inner = 0; inner < InnerCount; inner += block)
            {
                nint count = Math.Min(block, InnerCount - inner);
                float* b = panel + (inner * width);
                TileProduct<TSimd, TVector>.Multiply(
                    rows, width, count, a + inner, Product.ARow, 1, b, width, c, cRow, Product.Alpha, accumulate || inner > 0, next: b + (count * width));
            }
        }

        private readonly void WriteEdge(float* destination, float* edge, nint rows, nint columns, bool accumulate)
        {
            for (nint row = 0; row < rows; row++)
            {
                float* source = edge + (row * PanelColumns);
                float* target = destination + (row * Product.N);
                for (nint column = 0; column < columns; column += TSimd.Width)
                {
                    nint lanes = Math.Min(TSimd.Width, columns - column);
                    TVector value = TSimd.Load(source + column);
                    if (accumulate)
                    {
                        value = TSimd.Add(value, TSimd.LoadPartial(target + column, lanes));
                    }

                    TSimd.StorePartial(target + column, value, lanes);
                }
            }
        }
    }

    /// <summary>Copies a block of the second factor into panels; a chunk is some panels.</summary>
    private struct PackJob : IJob
    {
        public float* Source;
        public MatMulPanels Panels;
        public nint InnerCount;
        public nint BRow;
        public nint BColumn;

        public readonly void Execute(int chunk, int worker)
        {
            nint first = (nint)chunk * PanelsPerChunk;
            nint end = Math.Min(first + PanelsPerChunk, Panels.Count);

            // All but a narrower last panel can be read side by side.
            nint last = Panels.WidthOf(end - 1) == PanelColumns ? end : end - 1;
            Pack(first, last);
            Pack(last, end);
        }

        private readonly void Pack(nint first, nint end)
        {
            if (first < end)
            {
                nint column = first * PanelColumns;
                nint columns = Math.Min((end - first) * PanelColumns, Panels.ColumnCount - column);
                MatMulPacking.Pack(Panels.At(first), Source + (column * BColumn), columns, Panels.WidthOf(first), InnerCount, BColumn, BRow);
            }
        }
    }
}

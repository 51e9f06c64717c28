using System.Runtime.InteropServices;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// Matrix products in the manner of Goto and van de Geijn (2008, "Anatomy of high-performance matrix multiplication"): blocks
/// of both factors are packed into panels that stay in the outer caches, and a grid of fixed parts of the destination is
/// computed by the micro-kernel. The grid depends on the shape alone, and every element of the destination is summed in the same
/// order by whoever computes it.
/// </summary>
internal static unsafe class MatMulKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    // A panel of b of this depth passes through the first cache while one of a stays in it.
    private const int InnerBlock = 384;

    // Packed blocks of a and b take some MB of the cache that the cores share.
    private const int RowBlock = 2304;
    private const int ColumnBlock = 3072;

    // One chunk's part of a block of a stays in a core's own cache while the panels of b pass.
    private const int ChunkRows = 192;
    private const int ChunkColumns = 768;

    // A multiple of every width's panels.
    private const int PackedLanesPerChunk = 192;

    /// <summary>Products of at most this many rows with a transposed second factor read it once, unpacked.</summary>
    private const int MaximumDotRows = 16;

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

        if (product.M <= MaximumDotRows && product.AColumn == 1 && product.BRow == 1)
        {
            DotProductKernel<TSimd, TVector>.Multiply(context, product);
            return;
        }

        nint tileRows = MatMulMicroKernel<TSimd, TVector>.Rows;
        nint tileColumns = MatMulMicroKernel<TSimd, TVector>.Columns;
        nint innerBlocks = (product.K + InnerBlock - 1) / InnerBlock;
        nint innerBlock = (product.K + innerBlocks - 1) / innerBlocks;
        nint aCount = RoundUp(Math.Min(product.M, RowBlock), tileRows) * innerBlock;
        nint bCount = RoundUp(Math.Min(product.N, ColumnBlock), tileColumns) * innerBlock;
        float* packed = context.Scratch.Shared(aCount + 16 + bCount);
        var job = new Job
        {
            Product = product,
            PackedA = packed,
            PackedB = packed + RoundUp(aCount, 16),
            EdgeTiles = context.Scratch.PerWorker(tileRows * tileColumns),
        };

        for (job.FirstColumn = 0; job.FirstColumn < product.N; job.FirstColumn += ColumnBlock)
        {
            job.ColumnCount = Math.Min(ColumnBlock, product.N - job.FirstColumn);
            for (job.FirstInner = 0; job.FirstInner < product.K; job.FirstInner += innerBlock)
            {
                job.InnerCount = Math.Min(innerBlock, product.K - job.FirstInner);
                for (job.FirstRow = 0; job.FirstRow < product.M; job.FirstRow += RowBlock)
                {
                    job.RowCount = Math.Min(RowBlock, product.M - job.FirstRow);
                    job.PackingChunksOfA = KernelContext.Chunks(job.RowCount, PackedLanesPerChunk);
                    int packingChunksOfB = job.FirstRow == 0 ? KernelContext.Chunks(job.ColumnCount, PackedLanesPerChunk) : 0;
                    context.Workers.Run(job.PackingChunksOfA + packingChunksOfB, new PackJob { Job = job });
                    context.Workers.Run(
                        KernelContext.Chunks(job.RowCount, ChunkRows) * KernelContext.Chunks(job.ColumnCount, ChunkColumns), job);
                }
            }
        }
    }

    private static nint RoundUp(nint count, nint multiple) => (count + multiple - 1) / multiple * multiple;

    /// <summary>Multiplies the packed blocks; a chunk is a part of the grid over the destination.</summary>
    private struct Job : IJob
    {
        public MatMulOperands Product;
        public float* PackedA;
        public float* PackedB;
        public WorkerScratch EdgeTiles;
        public nint FirstRow;
        public nint RowCount;
        public nint FirstColumn;
        public nint ColumnCount;
        public nint FirstInner;
        public nint InnerCount;
        public int PackingChunksOfA;

        public readonly void Execute(int chunk, int worker)
        {
            nint tileRows = MatMulMicroKernel<TSimd, TVector>.Rows;
            nint tileColumns = MatMulMicroKernel<TSimd, TVector>.Columns;
            int columnChunks = KernelContext.Chunks(ColumnCount, ChunkColumns);
            nint firstRow = chunk / columnChunks * ChunkRows;
            nint firstColumn = chunk % columnChunks * ChunkColumns;
            nint endRow = Math.Min(firstRow + ChunkRows, RowCount);
            nint endColumn = Math.Min(firstColumn + ChunkColumns, ColumnCount);
            bool accumulate = Product.Accumulate || FirstInner > 0;
            for (nint column = firstColumn; column < endColumn; column += tileColumns)
            {
                float* b = PackedB + (column * InnerCount);
                for (nint row = firstRow; row < endRow; row += tileRows)
                {
                    float* a = PackedA + (row * InnerCount);
                    float* c = Product.C + ((FirstRow + row) * Product.N) + FirstColumn + column;
                    if (row + tileRows <= endRow && column + tileColumns <= endColumn)
                    {
                        MatMulMicroKernel<TSimd, TVector>.Multiply(InnerCount, a, b, c, Product.N, Product.Alpha, accumulate);
                        continue;
                    }

                    float* tile = EdgeTiles[worker];
                    MatMulMicroKernel<TSimd, TVector>.Multiply(InnerCount, a, b, tile, tileColumns, Product.Alpha, accumulate: false);
                    WriteEdge(c, tile, Math.Min(tileRows, endRow - row), Math.Min(tileColumns, endColumn - column), accumulate);
                }
            }
        }

        private readonly void WriteEdge(float* destination, float* tile, nint rows, nint columns, bool accumulate)
        {
            for (nint row = 0; row < rows; row++)
            {
                for (nint column = 0; column < columns; column++)
                {
                    float value = tile[(row * MatMulMicroKernel<TSimd, TVector>.Columns) + column];
                    ref float target = ref destination[(row * Product.N) + column];
                    target = accumulate ? target + value : value;
                }
            }
        }
    }

    /// <summary>Packs the blocks: first chunks of rows of a, then chunks of columns of b.</summary>
    private struct PackJob : IJob
    {
        public Job Job;

        public readonly void Execute(int chunk, int worker)
        {
            ref readonly MatMulOperands product = ref Job.Product;
            if (chunk < Job.PackingChunksOfA)
            {
                float* source = product.A + (Job.FirstRow * product.ARow) + (Job.FirstInner * product.AColumn);
                Pack(
                    Job.PackedA, source, chunk * PackedLanesPerChunk, Job.RowCount,
                    MatMulMicroKernel<TSimd, TVector>.Rows, product.ARow, product.AColumn);
            }
            else
            {
                float* source = product.B + (Job.FirstInner * product.BRow) + (Job.FirstColumn * product.BColumn);
                Pack(
                    Job.PackedB, source, (chunk - Job.PackingChunksOfA) * PackedLanesPerChunk, Job.ColumnCount,
                    MatMulMicroKernel<TSimd, TVector>.Columns, product.BColumn, product.BRow);
            }
        }

        private readonly void Pack(float* destination, float* source, nint first, nint total, nint width, nint laneStride, nint innerStride) =>
            MatMulPacking.Pack(
                destination + (first * Job.InnerCount), source + (first * laneStride),
                Math.Min(PackedLanesPerChunk, total - first), width, Job.InnerCount, laneStride, innerStride);
    }
}

using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>Running sums, sums over rows, sums of squares.</summary>
internal static unsafe class ReductionKernels<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    private const int ChunkElements = 16384;
    private const int ChunkColumns = 64;
    private const int SquaresPerChunk = 65536;

    /// <summary>Running sums of each row, from either end, in double; destination and source may be the same.</summary>
    public static void CumulativeSum(KernelContext context, float* destination, float* source, nint rows, nint columns, bool fromEnd)
    {
        nint rowsPerChunk = Math.Max(1, ChunkElements / Math.Max(1, columns));
        context.Workers.Run(KernelContext.Chunks(rows, rowsPerChunk), new CumulativeSumJob
        {
            Destination = destination,
            Source = source,
            Rows = rows,
            Columns = columns,
            FromEnd = fromEnd,
            RowsPerChunk = rowsPerChunk,
        });
    }

    /// <summary>destination[c] (=|+=) sum over n of source[n, c].</summary>
    public static void SumRows(KernelContext context, float* destination, float* source, nint rows, nint columns, bool accumulate) =>
        context.Workers.Run(
            KernelContext.Chunks(columns, ChunkColumns),
            new SumRowsJob { Destination = destination, Source = source, Rows = rows, Columns = columns, Accumulate = accumulate });

    /// <summary>Sum of squares; partial sums of fixed chunks are added in order, in double.</summary>
    public static double SumOfSquares(KernelContext context, float* source, nint count)
    {
        int chunks = KernelContext.Chunks(count, SquaresPerChunk);
        var partials = (double*)context.Scratch.Shared(2 * (nint)chunks);
        context.Workers.Run(chunks, new SumOfSquaresJob { Partials = partials, Source = source, Count = count });
        double sum = 0;
        for (int i = 0; i < chunks; i++)
        {
            sum += partials[i];
        }

        return sum;
    }

    private struct CumulativeSumJob : IJob
    {
        public float* Destination;
        public float* Source;
        public nint Rows;
        public nint Columns;
        public bool FromEnd;
        public nint RowsPerChunk;

        public readonly void Execute(int chunk, int worker)
        {
            nint end = Math.Min((chunk + 1) * RowsPerChunk, Rows);
            for (nint row = chunk * RowsPerChunk; row < end; row++)
            {
                nint at = (row * Columns) + (FromEnd ? Columns - 1 : 0);
                nint step = FromEnd ? -1 : 1;
                double sum = 0;
                for (nint i = 0; i < Columns; i++, at += step)
                {
                    sum += Source[at];
                    Destination[at] = (float)sum;
                }
            }
        }
    }

    private struct SumRowsJob : IJob
    {
        // Sums of this many rows are added to the total, so that rounding errors do not grow with all rows.
        private const int Block = 64;

        public float* Destination;
        public float* Source;
        public nint Rows;
        public nint Columns;
        public bool Accumulate;

        public readonly void Execute(int chunk, int worker)
        {
            nint end = Math.Min(((nint)chunk + 1) * ChunkColumns, Columns);
            for (nint column = (nint)chunk * ChunkColumns; column < end; column += TSimd.Width)
            {
                nint count = Math.Min(TSimd.Width, end - column);
                TVector total = TSimd.Zero;
                for (nint block = 0; block < Rows; block += Block)
                {
                    TVector sum = TSimd.Zero;
                    for (nint row = block; row < Math.Min(block + Block, Rows); row++)
                    {
                        sum = TSimd.Add(sum, TSimd.LoadPartial(Source + (row * Columns) + column, count));
                    }

                    total = TSimd.Add(total, sum);
                }

                total = Accumulate ? TSimd.Add(TSimd.LoadPartial(Destination + column, count), total) : total;
                TSimd.StorePartial(Destination + column, total, count);
            }
        }
    }

    private struct SumOfSquaresJob : IJob
    {
        private const int Block = 1024;

        public double* Partials;
        public float* Source;
        public nint Count;

        public readonly void Execute(int chunk, int worker)
        {
            nint end = Math.Min(((nint)chunk + 1) * SquaresPerChunk, Count);
            double sum = 0;
            for (nint i = (nint)chunk * SquaresPerChunk; i < end; i += Block)
            {
                sum += VectorReductions<TSimd, TVector>.Dot(Source + i, Source + i, Math.Min(Block, end - i));
            }

            Partials[chunk] = sum;
        }
    }
}

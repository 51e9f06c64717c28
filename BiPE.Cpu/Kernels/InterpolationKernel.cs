namespace BiPE.Cpu.Kernels;

/// <summary>Rows of a table read between their columns, and the gradient; every element looks up its own two columns, so there are no vectors.</summary>
internal static unsafe class InterpolationKernel
{
    private const int ChunkElements = 16384;

    /// <summary>destination[n, k] = table[n, positions[n, k]], linear between columns and constant outside.</summary>
    public static void Forward(KernelContext context, float* destination, float* table, float* positions, nint rows, nint columns, nint count)
    {
        nint rowsPerChunk = Math.Max(1, ChunkElements / Math.Max(1, count));
        context.Workers.Run(KernelContext.Chunks(rows, rowsPerChunk), new ForwardJob
        {
            Destination = destination,
            Table = table,
            Positions = positions,
            Rows = rows,
            Columns = columns,
            Count = count,
            RowsPerChunk = rowsPerChunk,
        });
    }

    /// <summary>Gradients of table and positions; a row's belong to one worker.</summary>
    public static void Backward(
        KernelContext context, float* tableGradient, float* positionGradient, float* gradient, float* table, float* positions,
        nint rows, nint columns, nint count)
    {
        nint rowsPerChunk = Math.Max(1, ChunkElements / Math.Max(1, count + columns));
        context.Workers.Run(KernelContext.Chunks(rows, rowsPerChunk), new BackwardJob
        {
            TableGradient = tableGradient,
            PositionGradient = positionGradient,
            Gradient = gradient,
            Table = table,
            Positions = positions,
            Rows = rows,
            Columns = columns,
            Count = count,
            RowsPerChunk = rowsPerChunk,
        });
    }

    /// <summary>The last column at or before a position, and the way from it to the next: from 0 to below 1, and 0 at the last column.</summary>
    private static nint Place(float position, nint columns, out float share)
    {
        float inside = Math.Min(Math.Max(position, 0f), columns - 1);
        nint column = Math.Min((nint)inside, columns - 1);
        share = column < columns - 1 ? inside - column : 0f;
        return column;
    }

    private struct ForwardJob : IJob
    {
        public float* Destination;
        public float* Table;
        public float* Positions;
        public nint Rows;
        public nint Columns;
        public nint Count;
        public nint RowsPerChunk;

        public readonly void Execute(int chunk, int worker)
        {
            nint end = Math.Min((chunk + 1) * RowsPerChunk, Rows);
            for (nint row = chunk * RowsPerChunk; row < end; row++)
            {
                float* from = Table + (row * Columns);
                for (nint at = row * Count; at < (row + 1) * Count; at++)
                {
                    float* column = from + Place(Positions[at], Columns, out float share);

                    // On a column, the next one may be infinite.
                    Destination[at] = share == 0f ? *column : float.FusedMultiplyAdd(share, column[1] - *column, *column);
                }
            }
        }
    }

    private struct BackwardJob : IJob
    {
        public float* TableGradient;
        public float* PositionGradient;
        public float* Gradient;
        public float* Table;
        public float* Positions;
        public nint Rows;
        public nint Columns;
        public nint Count;
        public nint RowsPerChunk;

        public readonly void Execute(int chunk, int worker)
        {
            nint end = Math.Min((chunk + 1) * RowsPerChunk, Rows);
            for (nint row = chunk * RowsPerChunk; row < end; row++)
            {
                float* table = Table + (row * Columns);
                float* sums = TableGradient + (row * Columns);
                new Span<float>(sums, (int)Columns).Clear();
                for (nint at = row * Count; at < (row + 1) * Count; at++)
                {
                    float position = Positions[at];
                    float given = Gradient[at];
                    nint column = Place(position, Columns, out float share);
                    bool isInside = position >= 0f && column < Columns - 1;
                    PositionGradient[at] = isInside ? given * (table[column + 1] - table[column]) : 0f;
                    sums[column] += given * (1f - share);
                    if (share != 0f)
                    {
                        sums[column + 1] += given * share;
                    }
                }
            }
        }
    }
}

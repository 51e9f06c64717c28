using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>Rows taken from tables by number, and sums into them.</summary>
internal static unsafe class RowsKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    private const int GatherRowsPerChunk = 16;
    private const int ScatterColumnsPerChunk = 128;

    /// <summary>destination[n, :] (=|+=) table[ids[n], :].</summary>
    public static void Gather(KernelContext context, float* destination, float* table, int* ids, nint rows, nint columns, bool accumulate) =>
        context.Workers.Run(
            KernelContext.Chunks(rows, GatherRowsPerChunk),
            new GatherJob { Destination = destination, Table = table, Ids = ids, Rows = rows, Columns = columns, Accumulate = accumulate });

    /// <summary>As <see cref="Gather(KernelContext, float*, float*, int*, nint, nint, bool)"/>, from a table of bfloat16.</summary>
    public static void Gather(KernelContext context, float* destination, ushort* table, int* ids, nint rows, nint columns, bool accumulate) =>
        context.Workers.Run(
            KernelContext.Chunks(rows, GatherRowsPerChunk),
            new WideningGatherJob { Destination = destination, Table = table, Ids = ids, Rows = rows, Columns = columns, Accumulate = accumulate });

    /// <summary>
    /// destination[ids[n], :] += source[n, :], except for one id. Each chunk takes some columns of all rows, in order, so equal
    /// ids need no locks and sums do not depend on threads.
    /// </summary>
    public static void ScatterAdd(KernelContext context, float* destination, float* source, int* ids, nint rows, nint columns, int skippedId) =>
        context.Workers.Run(
            KernelContext.Chunks(columns, ScatterColumnsPerChunk),
            new ScatterJob { Destination = destination, Source = source, Ids = ids, Rows = rows, Columns = columns, SkippedId = skippedId });

    private struct GatherJob : IJob
    {
        public float* Destination;
        public float* Table;
        public int* Ids;
        public nint Rows;
        public nint Columns;
        public bool Accumulate;

        public readonly void Execute(int chunk, int worker)
        {
            nint end = Math.Min(((nint)chunk + 1) * GatherRowsPerChunk, Rows);
            for (nint row = (nint)chunk * GatherRowsPerChunk; row < end; row++)
            {
                float* source = Table + (Ids[row] * Columns);
                float* target = Destination + (row * Columns);
                if (row + 1 < Rows)
                {
                    FetchRow(Table + (Ids[row + 1] * Columns));
                }

                if (Accumulate)
                {
                    VectorReductions<TSimd, TVector>.Add(target, source, Columns);
                }
                else
                {
                    RowCopy<TSimd, TVector>.Copy(target, source, Columns);
                }
            }
        }

        /// <summary>Asks for a row of the table, which lies wherever the next id says.</summary>
        private readonly void FetchRow(float* row)
        {
            for (nint i = 0; i < Columns; i += CacheLine.Elements)
            {
                CacheLine.Fetch(row + i);
            }
        }
    }

    private struct WideningGatherJob : IJob
    {
        private const int PieceLength = 256;

        public float* Destination;
        public ushort* Table;
        public int* Ids;
        public nint Rows;
        public nint Columns;
        public bool Accumulate;

        public readonly void Execute(int chunk, int worker)
        {
            float* widened = stackalloc float[PieceLength];
            nint end = Math.Min(((nint)chunk + 1) * GatherRowsPerChunk, Rows);
            for (nint row = (nint)chunk * GatherRowsPerChunk; row < end; row++)
            {
                for (nint first = 0; first < Columns; first += PieceLength)
                {
                    ushort* source = Table + (Ids[row] * Columns) + first;
                    float* target = Destination + (row * Columns) + first;
                    nint count = Math.Min(PieceLength, Columns - first);
                    BFloat16Kernels.Widen(Accumulate ? widened : target, source, count);
                    if (Accumulate)
                    {
                        VectorReductions<TSimd, TVector>.Add(target, widened, count);
                    }
                }
            }
        }
    }

    private struct ScatterJob : IJob
    {
        public float* Destination;
        public float* Source;
        public int* Ids;
        public nint Rows;
        public nint Columns;
        public int SkippedId;

        public readonly void Execute(int chunk, int worker)
        {
            nint first = (nint)chunk * ScatterColumnsPerChunk;
            nint count = Math.Min(ScatterColumnsPerChunk, Columns - first);
            for (nint row = 0; row < Rows; row++)
            {
                if (Ids[row] != SkippedId)
                {
                    VectorReductions<TSimd, TVector>.Add(
                        Destination + (Ids[row] * Columns) + first, Source + (row * Columns) + first, count);
                }
            }
        }
    }
}

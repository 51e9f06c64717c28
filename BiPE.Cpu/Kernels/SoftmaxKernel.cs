using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>Softmax of rows, on demand causal, and its gradient.</summary>
internal static unsafe class SoftmaxKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    private const int ChunkElements = 16384;

    /// <summary>Softmax of each row; causal rows see keys 0 .. query + keys - queries and are 0 beyond.</summary>
    public static void Forward(KernelContext context, float* destination, float* source, nint rows, nint queries, nint keys, bool causal)
    {
        nint rowsPerChunk = Math.Max(1, ChunkElements / Math.Max(1, keys));
        context.Workers.Run(KernelContext.Chunks(rows, rowsPerChunk), new ForwardJob
        {
            Destination = destination,
            Source = source,
            Rows = rows,
            Queries = queries,
            Keys = keys,
            Causal = causal,
            RowsPerChunk = rowsPerChunk,
        });
    }

    /// <summary>sourceGradient (=|+=) (gradient - sum(gradient * output)) * output.</summary>
    public static void Backward(
        KernelContext context, float* sourceGradient, float* gradient, float* output, nint rows, nint columns, bool accumulate)
    {
        nint rowsPerChunk = Math.Max(1, ChunkElements / Math.Max(1, columns));
        context.Workers.Run(KernelContext.Chunks(rows, rowsPerChunk), new BackwardJob
        {
            SourceGradient = sourceGradient,
            Gradient = gradient,
            Output = output,
            Rows = rows,
            Columns = columns,
            Accumulate = accumulate,
            RowsPerChunk = rowsPerChunk,
        });
    }

    private struct ForwardJob : IJob
    {
        public float* Destination;
        public float* Source;
        public nint Rows;
        public nint Queries;
        public nint Keys;
        public bool Causal;
        public nint RowsPerChunk;

        public readonly void Execute(int chunk, int worker)
        {
            nint end = Math.Min((chunk + 1) * RowsPerChunk, Rows);
            for (nint row = chunk * RowsPerChunk; row < end; row++)
            {
                nint visible = Causal ? (row % Queries) + Keys - Queries + 1 : Keys;
                float* x = Source + (row * Keys);
                float* y = Destination + (row * Keys);
                float maximum = VectorReductions<TSimd, TVector>.Largest(x, visible);
                double sum = VectorReductions<TSimd, TVector>.SumOfExponentials(y, x, visible, maximum);
                VectorReductions<TSimd, TVector>.Scale(y, y, visible, (float)(1 / sum));
                new Span<float>(y + visible, checked((int)(Keys - visible))).Clear();
            }
        }
    }

    private struct BackwardJob : IJob
    {
        public float* SourceGradient;
        public float* Gradient;
        public float* Output;
        public nint Rows;
        public nint Columns;
        public bool Accumulate;
        public nint RowsPerChunk;

        public readonly void Execute(int chunk, int worker)
        {
            nint end = Math.Min((chunk + 1) * RowsPerChunk, Rows);
            for (nint row = chunk * RowsPerChunk; row < end; row++)
            {
                float* gradient = Gradient + (row * Columns);
                float* output = Output + (row * Columns);
                float* target = SourceGradient + (row * Columns);
                TVector dot = TSimd.Broadcast(VectorReductions<TSimd, TVector>.Dot(gradient, output, Columns));
                for (nint i = 0; i < Columns; i += TSimd.Width)
                {
                    nint count = Math.Min(TSimd.Width, Columns - i);
                    TVector value = TSimd.Multiply(
                        TSimd.Subtract(TSimd.LoadPartial(gradient + i, count), dot), TSimd.LoadPartial(output + i, count));
                    value = Accumulate ? TSimd.Add(TSimd.LoadPartial(target + i, count), value) : value;
                    TSimd.StorePartial(target + i, value, count);
                }
            }
        }
    }
}

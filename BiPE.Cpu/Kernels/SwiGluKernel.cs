using System.Runtime.CompilerServices;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>silu(gate) * up of rows that hold gate values, then up values, and its gradient.</summary>
internal static unsafe class SwiGluKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    private const int ChunkElements = 16384;

    // As measured: 8 % less time than from half as far, once rows that follow are asked for too.
    private const nint Ahead = 2 * CacheLine.Ahead;

    /// <summary>destination = silu(gate) * up.</summary>
    public static void Forward(KernelContext context, float* destination, float* gateUp, nint rows, nint columns) =>
        Run(context, new Job { Destination = destination, GateUp = gateUp, Rows = rows, Columns = columns });

    /// <summary>Gradient of gate and up; it may replace them.</summary>
    public static void Backward(KernelContext context, float* gateUpGradient, float* gradient, float* gateUp, nint rows, nint columns) =>
        Run(context, new Job { Destination = gateUpGradient, Gradient = gradient, GateUp = gateUp, Rows = rows, Columns = columns });

    private static void Run(KernelContext context, Job job)
    {
        job.RowsPerChunk = Math.Max(1, ChunkElements / Math.Max(1, job.Columns));
        context.Workers.Run(KernelContext.Chunks(job.Rows, job.RowsPerChunk), job);
    }

    private struct Job : IJob
    {
        public float* Destination;
        public float* Gradient;
        public float* GateUp;
        public nint Rows;
        public nint Columns;
        public nint RowsPerChunk;

        public readonly void Execute(int chunk, int worker)
        {
            nint end = Math.Min((chunk + 1) * RowsPerChunk, Rows);
            for (nint row = chunk * RowsPerChunk; row < end; row++)
            {
                nint i = 0;
                for (; i + TSimd.Width <= Columns; i += TSimd.Width)
                {
                    Compute(row, i, TSimd.Width);
                }

                if (i < Columns)
                {
                    Compute(row, i, Columns - i);
                }
            }
        }

        // Inlined with a constant count, all masks fall away.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Compute(nint row, nint column, nint count)
        {
            float* gate = GateUp + (2 * row * Columns) + column;

            // Behind the end of a row's gates come its values, which are there already: what is needed next lies a row further.
            nint ahead = column + Ahead < Columns ? Ahead : Ahead + Columns;
            CacheLine.Fetch(gate + ahead);
            CacheLine.Fetch(gate + Columns + ahead);
            TVector g = TSimd.LoadPartial(gate, count);
            TVector up = TSimd.LoadPartial(gate + Columns, count);
            if (Gradient is null)
            {
                CacheLine.Fetch(Destination + (row * Columns) + column + Ahead);
                TSimd.StorePartial(Destination + (row * Columns) + column, TSimd.Multiply(VectorMath<TSimd, TVector>.Silu(g), up), count);
                return;
            }

            // silu'(g) = sigmoid + silu (1 - sigmoid).
            TVector sigmoid = VectorMath<TSimd, TVector>.Sigmoid(g);
            TVector silu = TSimd.Multiply(g, sigmoid);
            CacheLine.Fetch(Gradient + (row * Columns) + column + Ahead);
            TVector dy = TSimd.LoadPartial(Gradient + (row * Columns) + column, count);
            TVector derivative = TSimd.MultiplyAdd(silu, TSimd.Subtract(TSimd.Broadcast(1f), sigmoid), sigmoid);
            float* gateGradient = Destination + (2 * row * Columns) + column;
            TSimd.StorePartial(gateGradient, TSimd.Multiply(TSimd.Multiply(dy, up), derivative), count);
            TSimd.StorePartial(gateGradient + Columns, TSimd.Multiply(dy, silu), count);
        }
    }
}

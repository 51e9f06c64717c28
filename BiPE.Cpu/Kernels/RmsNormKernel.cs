using System.Runtime.CompilerServices;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>Root-mean-square norm of rows and its gradient.</summary>
internal static unsafe class RmsNormKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    private const int ChunkRows = 32;
    private const int ChunkColumns = 256;

    // A row of 768 takes less time than memory's latency.
    private const int RowsAhead = 2;

    /// <summary>destination = source * inverseRms * weight.</summary>
    public static void Forward(
        KernelContext context, float* destination, float* inverseRms, float* source, float* weight, nint rows, nint columns, double epsilon) =>
        context.Workers.Run(
            KernelContext.Chunks(rows, ChunkRows),
            new ForwardJob
            {
                Destination = destination,
                InverseRms = inverseRms,
                Source = source,
                Weight = weight,
                Rows = rows,
                Columns = columns,
                Epsilon = epsilon,
            });

    /// <summary>Gradients of the source and, unless it is null, of the weight, whose partial sums over fixed chunks of rows are added in order.</summary>
    public static void Backward(
        KernelContext context, float* sourceGradient, bool accumulateSource, float* weightGradient, bool accumulateWeight,
        float* gradient, float* source, float* inverseRms, float* weight, nint rows, nint columns)
    {
        int chunks = KernelContext.Chunks(rows, ChunkRows);
        float* partial = weightGradient is null ? null : context.Scratch.Shared(chunks * columns);
        context.Workers.Run(chunks, new BackwardJob
        {
            SourceGradient = sourceGradient,
            Accumulate = accumulateSource,
            WeightPartials = partial,
            Gradient = gradient,
            Source = source,
            InverseRms = inverseRms,
            Weight = weight,
            Rows = rows,
            Columns = columns,
        });

        if (weightGradient is not null)
        {
            context.Workers.Run(KernelContext.Chunks(columns, ChunkColumns), new WeightJob
            {
                Destination = weightGradient,
                Accumulate = accumulateWeight,
                Partials = partial,
                PartialCount = chunks,
                Columns = columns,
            });
        }
    }

    private struct ForwardJob : IJob
    {
        public float* Destination;
        public float* InverseRms;
        public float* Source;
        public float* Weight;
        public nint Rows;
        public nint Columns;
        public double Epsilon;

        public readonly void Execute(int chunk, int worker)
        {
            nint end = Math.Min(((nint)chunk + 1) * ChunkRows, Rows);
            nint row = (nint)chunk * ChunkRows;
            for (; row + 2 <= end; row += 2)
            {
                // One row's root is taken while the other's squares are summed.
                Summarize(row);
                Summarize(row + 1);
                Write(row);
                Write(row + 1);
            }

            if (row < end)
            {
                Summarize(row);
                Write(row);
            }
        }

        private readonly void Summarize(nint row)
        {
            float* x = Source + (row * Columns);
            double meanSquare = VectorReductions<TSimd, TVector>.Dot(x, x, Columns) / (double)Columns;
            InverseRms[row] = (float)(1 / Math.Sqrt(meanSquare + Epsilon));
        }

        private readonly void Write(nint row)
        {
            float* x = Source + (row * Columns);
            float* y = Destination + (row * Columns);
            TVector factor = TSimd.Broadcast(InverseRms[row]);
            nint ahead = RowsAhead * Columns;
            nint i = 0;
            for (; i + TSimd.Width <= Columns; i += TSimd.Width)
            {
                CacheLine.Fetch(x + i + ahead);
                CacheLine.Fetch(y + i + ahead);
                TSimd.Store(y + i, TSimd.Multiply(TSimd.Multiply(TSimd.Load(x + i), factor), TSimd.Load(Weight + i)));
            }

            if (i < Columns)
            {
                nint rest = Columns - i;
                TVector value = TSimd.Multiply(TSimd.Multiply(TSimd.LoadPartial(x + i, rest), factor), TSimd.LoadPartial(Weight + i, rest));
                TSimd.StorePartial(y + i, value, rest);
            }
        }
    }

    private struct BackwardJob : IJob
    {
        public float* SourceGradient;
        public bool Accumulate;
        public float* WeightPartials;
        public float* Gradient;
        public float* Source;
        public float* InverseRms;
        public float* Weight;
        public nint Rows;
        public nint Columns;

        public readonly void Execute(int chunk, int worker)
        {
            float* partial = WeightPartials is null ? null : WeightPartials + (chunk * Columns);
            if (partial is not null)
            {
                new Span<float>(partial, checked((int)Columns)).Clear();
            }

            nint end = Math.Min(((nint)chunk + 1) * ChunkRows, Rows);
            for (nint row = (nint)chunk * ChunkRows; row < end; row++)
            {
                float* x = Source + (row * Columns);
                float* dy = Gradient + (row * Columns);
                float inverse = InverseRms[row];
                float mean = VectorReductions<TSimd, TVector>.Dot(dy, Weight, x, Columns) / Columns;
                TVector r = TSimd.Broadcast(inverse);
                TVector shared = TSimd.Broadcast(-mean * inverse * inverse * inverse);
                nint ahead = RowsAhead * Columns;
                nint i = 0;
                for (; i + TSimd.Width <= Columns; i += TSimd.Width)
                {
                    float* target = SourceGradient + (row * Columns) + i;
                    CacheLine.Fetch(x + i + ahead);
                    CacheLine.Fetch(dy + i + ahead);
                    CacheLine.Fetch(target + ahead);
                    TVector value = TSimd.Load(x + i);
                    TVector scaled = TSimd.Multiply(TSimd.Load(dy + i), r);
                    TVector dx = TSimd.MultiplyAdd(scaled, TSimd.Load(Weight + i), TSimd.Multiply(value, shared));
                    if (partial is not null)
                    {
                        TSimd.Store(partial + i, TSimd.MultiplyAdd(scaled, value, TSimd.Load(partial + i)));
                    }

                    TSimd.Store(target, Accumulate ? TSimd.Add(TSimd.Load(target), dx) : dx);
                }

                if (i < Columns)
                {
                    BackwardRest(row, i, partial, r, shared);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void BackwardRest(nint row, nint first, float* partial, TVector r, TVector shared)
        {
            nint rest = Columns - first;
            nint at = (row * Columns) + first;
            TVector value = TSimd.LoadPartial(Source + at, rest);
            TVector scaled = TSimd.Multiply(TSimd.LoadPartial(Gradient + at, rest), r);
            TVector dx = TSimd.MultiplyAdd(scaled, TSimd.LoadPartial(Weight + first, rest), TSimd.Multiply(value, shared));
            if (partial is not null)
            {
                TSimd.StorePartial(partial + first, TSimd.MultiplyAdd(scaled, value, TSimd.LoadPartial(partial + first, rest)), rest);
            }

            dx = Accumulate ? TSimd.Add(TSimd.LoadPartial(SourceGradient + at, rest), dx) : dx;
            TSimd.StorePartial(SourceGradient + at, dx, rest);
        }
    }

    private struct WeightJob : IJob
    {
        public float* Destination;
        public bool Accumulate;
        public float* Partials;
        public nint PartialCount;
        public nint Columns;

        public readonly void Execute(int chunk, int worker)
        {
            nint end = Math.Min(((nint)chunk + 1) * ChunkColumns, Columns);
            for (nint column = (nint)chunk * ChunkColumns; column < end; column += TSimd.Width)
            {
                nint count = Math.Min(TSimd.Width, end - column);
                TVector sum = TSimd.Zero;
                for (nint i = 0; i < PartialCount; i++)
                {
                    sum = TSimd.Add(sum, TSimd.LoadPartial(Partials + (i * Columns) + column, count));
                }

                sum = Accumulate ? TSimd.Add(TSimd.LoadPartial(Destination + column, count), sum) : sum;
                TSimd.StorePartial(Destination + column, sum, count);
            }
        }
    }
}

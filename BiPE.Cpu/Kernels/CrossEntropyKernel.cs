using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>Cross entropy of rows of logits, which become their gradient in place.</summary>
internal static unsafe class CrossEntropyKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    private const int ChunkElements = 16384;

    /// <summary>losses[n] = logsumexp(logits[n, :]) - logits[n, labels[n]], and on demand logits = (softmax - onehot) * scale.</summary>
    public static void Compute(
        KernelContext context, float* losses, float* logits, int* labels, nint rows, nint columns, int ignoredLabel, bool writesGradient, double scale)
    {
        nint rowsPerChunk = Math.Max(1, ChunkElements / Math.Max(1, columns));
        context.Workers.Run(KernelContext.Chunks(rows, rowsPerChunk), new Job
        {
            Losses = losses,
            Logits = logits,
            Labels = labels,
            Rows = rows,
            Columns = columns,
            RowsPerChunk = rowsPerChunk,
            IgnoredLabel = ignoredLabel,
            WritesGradient = writesGradient,
            Scale = scale,
        });
    }

    private struct Job : IJob
    {
        public float* Losses;
        public float* Logits;
        public int* Labels;
        public nint Rows;
        public nint Columns;
        public nint RowsPerChunk;
        public int IgnoredLabel;
        public bool WritesGradient;
        public double Scale;

        public readonly void Execute(int chunk, int worker)
        {
            nint end = Math.Min((chunk + 1) * RowsPerChunk, Rows);
            for (nint row = chunk * RowsPerChunk; row < end; row++)
            {
                float* logits = Logits + (row * Columns);
                if (Labels[row] == IgnoredLabel)
                {
                    Losses[row] = 0;
                    if (WritesGradient)
                    {
                        new Span<float>(logits, checked((int)Columns)).Clear();
                    }

                    continue;
                }

                float label = logits[Labels[row]];
                float maximum = VectorReductions<TSimd, TVector>.Largest(logits, Columns);
                double sum = VectorReductions<TSimd, TVector>.SumOfExponentials(WritesGradient ? logits : null, logits, Columns, maximum);
                Losses[row] = (float)((double)maximum - label + Math.Log(sum));
                if (WritesGradient)
                {
                    double probability = logits[Labels[row]] / sum;
                    VectorReductions<TSimd, TVector>.Scale(logits, logits, Columns, (float)(Scale / sum));
                    logits[Labels[row]] = (float)((probability - 1) * Scale);
                }
            }
        }
    }
}

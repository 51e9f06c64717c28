using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// A transposed second factor <c>[N, K]</c> stored as the products read it: the panels that <see cref="MatMulKernel{TSimd, TVector}"/>
/// would copy it to for every product, in the memory where it lay. The last panel is as wide as there are rows left.
/// </summary>
internal static unsafe class FrozenFactor<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    private static int PanelColumns => MatMulKernel<TSimd, TVector>.PanelColumns;

    /// <summary>Rearranges a matrix where it lies, if all its panels fill vectors.</summary>
    /// <param name="context">Threads and scratch memory.</param>
    /// <param name="matrix"><c>[rows, columns]</c>.</param>
    /// <param name="rows">N.</param>
    /// <param name="columns">K.</param>
    /// <returns>Whether it was done.</returns>
    public static bool TryFreeze(KernelContext context, float* matrix, nint rows, nint columns)
    {
        if (rows % TSimd.Width != 0)
        {
            return false;
        }

        context.Workers.Run(KernelContext.Chunks(rows, PanelColumns), new Job
        {
            Matrix = matrix,
            Rows = rows,
            Columns = columns,
            Scratch = context.Scratch.PerWorker(PanelColumns * columns),
        });
        return true;
    }

    /// <summary>Copies rows of a frozen matrix out, row-major.</summary>
    /// <param name="destination"><c>[count, columns]</c>.</param>
    /// <param name="matrix">The frozen <c>[rows, columns]</c>.</param>
    /// <param name="rows">N.</param>
    /// <param name="columns">K.</param>
    /// <param name="firstRow">First row.</param>
    /// <param name="count">Rows.</param>
    public static void Read(float* destination, float* matrix, nint rows, nint columns, nint firstRow, nint count)
    {
        for (nint row = firstRow; row < firstRow + count; row++)
        {
            nint lane = row % PanelColumns;
            nint panel = row - lane;
            nint width = Math.Min(PanelColumns, rows - panel);
            float* source = matrix + (panel * columns) + lane;
            for (nint column = 0; column < columns; column++)
            {
                *destination++ = source[column * width];
            }
        }
    }

    private struct Job : IJob
    {
        public float* Matrix;
        public nint Rows;
        public nint Columns;
        public WorkerScratch Scratch;

        public readonly void Execute(int chunk, int worker)
        {
            nint first = (nint)chunk * PanelColumns;
            nint width = Math.Min(PanelColumns, Rows - first);
            float* panel = Matrix + (first * Columns);
            float* copy = Scratch[worker];
            long bytes = width * Columns * sizeof(float);
            Buffer.MemoryCopy(panel, copy, bytes, bytes);
            MatMulPacking.Transpose(panel, width, copy, Columns, width, Columns);
        }
    }
}

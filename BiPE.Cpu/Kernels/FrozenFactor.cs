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

    /// <summary>As <see cref="TryFreeze(KernelContext, float*, nint, nint)"/>, a matrix of bfloat16.</summary>
    /// <inheritdoc cref="TryFreeze(KernelContext, float*, nint, nint)" path="/param"/>
    /// <returns>Whether it was done.</returns>
    public static bool TryFreeze(KernelContext context, ushort* matrix, nint rows, nint columns)
    {
        if (rows % TSimd.Width != 0)
        {
            return false;
        }

        context.Workers.Run(KernelContext.Chunks(rows, PanelColumns), new BFloat16Job
        {
            Matrix = matrix,
            Rows = rows,
            Columns = columns,
            Scratch = context.Scratch.PerWorker(PanelColumns * columns),
        });
        return true;
    }

    /// <summary>Copies elements of a frozen matrix out, as they follow each other row-major.</summary>
    /// <typeparam name="T">Of its elements.</typeparam>
    /// <param name="destination">Where they go.</param>
    /// <param name="matrix">The frozen <c>[rows, columns]</c>.</param>
    /// <param name="rows">N.</param>
    /// <param name="columns">K.</param>
    /// <param name="first">First element.</param>
    /// <param name="count">Elements.</param>
    public static void Read<T>(T* destination, T* matrix, nint rows, nint columns, nint first, nint count)
        where T : unmanaged
    {
        (nint row, nint column) = Math.DivRem(first, columns);
        for (T* end = destination + count; destination < end; row++)
        {
            nint lane = row % PanelColumns;
            nint panel = row - lane;
            nint width = Math.Min(PanelColumns, rows - panel);
            T* source = matrix + (panel * columns) + lane;
            for (; column < columns && destination < end; column++)
            {
                *destination++ = source[column * width];
            }

            column = 0;
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

    private struct BFloat16Job : IJob
    {
        public ushort* Matrix;
        public nint Rows;
        public nint Columns;
        public WorkerScratch Scratch;

        public readonly void Execute(int chunk, int worker)
        {
            nint first = (nint)chunk * PanelColumns;
            nint width = Math.Min(PanelColumns, Rows - first);
            ushort* panel = Matrix + (first * Columns);
            var copy = (ushort*)Scratch[worker];
            long bytes = width * Columns * sizeof(ushort);
            Buffer.MemoryCopy(panel, copy, bytes, bytes);
            for (nint column = 0; column < Columns; column++)
            {
                for (nint lane = 0; lane < width; lane++)
                {
                    *panel++ = copy[(lane * Columns) + column];
                }
            }
        }
    }
}

using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// A transposed second factor <c>[N, K]</c> stored as the products read it: the panels that <see cref="MatMulKernel{TSimd, TVector}"/>
/// would copy it to for every product, in the memory where it lay. The last panel is as wide as there are rows left. Elements are
/// float32, or bfloat16 as its bits.
/// </summary>
internal static unsafe class FrozenFactor<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    private static int PanelColumns => MatMulKernel<TSimd, TVector>.PanelColumns;

    /// <summary>Rearranges a matrix where it lies, if all its panels fill vectors and there is something in them.</summary>
    /// <typeparam name="TElement">Float or ushort.</typeparam>
    /// <param name="context">Threads and scratch memory.</param>
    /// <param name="matrix"><c>[rows, columns]</c>.</param>
    /// <param name="rows">N.</param>
    /// <param name="columns">K.</param>
    /// <returns>Whether it was done.</returns>
    public static bool TryFreeze<TElement>(KernelContext context, TElement* matrix, nint rows, nint columns)
        where TElement : unmanaged
    {
        if (rows % TSimd.Width != 0 || columns == 0)
        {
            return false;
        }

        context.Workers.Run(KernelContext.Chunks(rows, PanelColumns), new Job<TElement>
        {
            Matrix = matrix,
            Rows = rows,
            Columns = columns,
            Scratch = context.Scratch.PerWorker(PanelColumns * columns),
        });
        return true;
    }

    /// <summary>Copies elements of a frozen matrix out, as they follow each other row-major.</summary>
    /// <typeparam name="TElement">Float or ushort.</typeparam>
    /// <param name="destination">Where they go.</param>
    /// <param name="matrix">The frozen <c>[rows, columns]</c>.</param>
    /// <param name="rows">N.</param>
    /// <param name="columns">K.</param>
    /// <param name="first">First element.</param>
    /// <param name="count">Elements.</param>
    public static void Read<TElement>(TElement* destination, TElement* matrix, nint rows, nint columns, nint first, nint count)
        where TElement : unmanaged
    {
        (nint row, nint column) = Math.DivRem(first, columns);
        for (TElement* end = destination + count; destination < end; row++)
        {
            nint lane = row % PanelColumns;
            nint panel = row - lane;
            nint width = Math.Min(PanelColumns, rows - panel);
            TElement* source = matrix + (panel * columns) + lane;
            for (; column < columns && destination < end; column++)
            {
                *destination++ = source[column * width];
            }

            column = 0;
        }
    }

    private struct Job<TElement> : IJob
        where TElement : unmanaged
    {
        public TElement* Matrix;
        public nint Rows;
        public nint Columns;
        public WorkerScratch Scratch;

        public readonly void Execute(int chunk, int worker)
        {
            nint first = (nint)chunk * PanelColumns;
            nint width = Math.Min(PanelColumns, Rows - first);
            TElement* panel = Matrix + (first * Columns);
            var copy = (TElement*)Scratch[worker];
            long bytes = width * Columns * sizeof(TElement);
            Buffer.MemoryCopy(panel, copy, bytes, bytes);
            if (typeof(TElement) == typeof(float))
            {
                MatMulPacking.Transpose((float*)panel, width, (float*)copy, Columns, width, Columns);
                return;
            }

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

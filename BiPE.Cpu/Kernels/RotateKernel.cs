using System.Runtime.CompilerServices;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>Rotary rotation in place, elements paired by halves.</summary>
internal static unsafe class RotateKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    private const int ChunkRows = 16;

    /// <summary>Rotates some heads of all rows.</summary>
    /// <param name="context">Threads.</param>
    /// <param name="packed"><c>[rows, heads, size]</c>, the first rotated head of the first row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="rowLength">Elements from a row to the next.</param>
    /// <param name="heads">Rotated heads.</param>
    /// <param name="size">Elements of a head.</param>
    /// <param name="cosine"><c>[positions, half]</c>.</param>
    /// <param name="sine"><c>[positions, half]</c>.</param>
    /// <param name="half">Columns of the tables.</param>
    /// <param name="positions">Table row of each row.</param>
    /// <param name="transposed">Whether the sign of the sine is turned.</param>
    public static void Rotate(
        KernelContext context, float* packed, nint rows, nint rowLength, nint heads, nint size,
        float* cosine, float* sine, nint half, int* positions, bool transposed) =>
        context.Workers.Run(KernelContext.Chunks(rows, ChunkRows), new Job
        {
            Packed = packed,
            Rows = rows,
            RowLength = rowLength,
            Heads = heads,
            Size = size,
            Cosine = cosine,
            Sine = sine,
            Half = half,
            Positions = positions,
            Sign = transposed ? -1 : 1,
        });

    private struct Job : IJob
    {
        public float* Packed;
        public nint Rows;
        public nint RowLength;
        public nint Heads;
        public nint Size;
        public float* Cosine;
        public float* Sine;
        public nint Half;
        public int* Positions;
        public float Sign;

        public readonly void Execute(int chunk, int worker)
        {
            nint end = Math.Min(((nint)chunk + 1) * ChunkRows, Rows);
            for (nint row = (nint)chunk * ChunkRows; row < end; row++)
            {
                float* cosine = Cosine + (Positions[row] * Half);
                float* sine = Sine + (Positions[row] * Half);
                for (nint head = 0; head < Heads; head++)
                {
                    RotateHead(Packed + (row * RowLength) + (head * Size), cosine, sine);
                }
            }
        }

        private readonly void RotateHead(float* x, float* cosine, float* sine)
        {
            nint i = 0;
            for (; i + TSimd.Width <= Half; i += TSimd.Width)
            {
                RotateVector(x + i, cosine + i, sine + i, TSimd.Width);
            }

            if (i < Half)
            {
                RotateVector(x + i, cosine + i, sine + i, Half - i);
            }
        }

        // Inlined with a constant count, all masks fall away.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void RotateVector(float* x, float* cosine, float* sine, nint count)
        {
            // The same of the next row, which begins behind heads that are not rotated.
            CacheLine.Fetch(x + RowLength);
            CacheLine.Fetch(x + RowLength + Half);
            TVector c = TSimd.LoadPartial(cosine, count);
            TVector s = TSimd.Multiply(TSimd.Broadcast(Sign), TSimd.LoadPartial(sine, count));
            TVector first = TSimd.LoadPartial(x, count);
            TVector second = TSimd.LoadPartial(x + Half, count);
            TSimd.StorePartial(x, TSimd.Subtract(TSimd.Multiply(c, first), TSimd.Multiply(s, second)), count);
            TSimd.StorePartial(x + Half, TSimd.MultiplyAdd(c, second, TSimd.Multiply(s, first)), count);
        }
    }
}

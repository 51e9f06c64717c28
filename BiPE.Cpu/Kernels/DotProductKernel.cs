using System.Runtime.CompilerServices;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// Products of a few rows with a transposed second factor, as generation needs: the second factor is read once from memory and
/// nothing is packed.
/// </summary>
internal static unsafe class DotProductKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    private const int ChunkColumns = 64;

    /// <summary>Computes a product whose factors both run contiguously along the inner dimension.</summary>
    /// <param name="context">Threads and scratch memory.</param>
    /// <param name="product">What to compute.</param>
    public static void Multiply(KernelContext context, in MatMulOperands product) =>
        context.Workers.Run(KernelContext.Chunks(product.N, ChunkColumns), new Job { Product = product });

    private struct Job : IJob
    {
        public MatMulOperands Product;

        public readonly void Execute(int chunk, int worker)
        {
            nint first = (nint)chunk * ChunkColumns;
            nint end = Math.Min(first + ChunkColumns, Product.N);
            nint column = first;
            for (; column + 4 <= end; column += 4)
            {
                nint row = 0;
                for (; row + 2 <= Product.M; row += 2)
                {
                    EightDots(row, column);
                }

                if (row < Product.M)
                {
                    FourDots(row, column);
                }
            }

            for (; column < end; column++)
            {
                for (nint row = 0; row < Product.M; row++)
                {
                    Write(row, column, Dot(Product.A + (row * Product.ARow), Product.B + (column * Product.BColumn), Product.K));
                }
            }
        }

        private static float Dot(float* a, float* b, nint count)
        {
            TVector sum = TSimd.Zero;
            nint k = 0;
            for (; k + TSimd.Width <= count; k += TSimd.Width)
            {
                sum = TSimd.MultiplyAdd(TSimd.Load(a + k), TSimd.Load(b + k), sum);
            }

            if (k < count)
            {
                sum = TSimd.MultiplyAdd(TSimd.LoadPartial(a + k, count - k), TSimd.LoadPartial(b + k, count - k), sum);
            }

            return TSimd.Sum(sum);
        }

        private readonly void FourDots(nint row, nint column)
        {
            nint count = Product.K;
            float* a = Product.A + (row * Product.ARow);
            float* b0 = Product.B + (column * Product.BColumn);
            float* b1 = b0 + Product.BColumn;
            float* b2 = b1 + Product.BColumn;
            float* b3 = b2 + Product.BColumn;
            TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero, sum2 = TSimd.Zero, sum3 = TSimd.Zero;
            nint k = 0;
            for (; k + TSimd.Width <= count; k += TSimd.Width)
            {
                TVector x = TSimd.Load(a + k);
                sum0 = TSimd.MultiplyAdd(x, TSimd.Load(b0 + k), sum0);
                sum1 = TSimd.MultiplyAdd(x, TSimd.Load(b1 + k), sum1);
                sum2 = TSimd.MultiplyAdd(x, TSimd.Load(b2 + k), sum2);
                sum3 = TSimd.MultiplyAdd(x, TSimd.Load(b3 + k), sum3);
            }

            if (k < count)
            {
                TVector x = TSimd.LoadPartial(a + k, count - k);
                sum0 = TSimd.MultiplyAdd(x, TSimd.LoadPartial(b0 + k, count - k), sum0);
                sum1 = TSimd.MultiplyAdd(x, TSimd.LoadPartial(b1 + k, count - k), sum1);
                sum2 = TSimd.MultiplyAdd(x, TSimd.LoadPartial(b2 + k, count - k), sum2);
                sum3 = TSimd.MultiplyAdd(x, TSimd.LoadPartial(b3 + k, count - k), sum3);
            }

            Write(row, column, TSimd.Sum(sum0));
            Write(row, column + 1, TSimd.Sum(sum1));
            Write(row, column + 2, TSimd.Sum(sum2));
            Write(row, column + 3, TSimd.Sum(sum3));
        }

        /// <summary>Two rows at once, which read the second factor's vectors once for both; each sum is formed as by <see cref="FourDots"/>.</summary>
        private readonly void EightDots(nint row, nint column)
        {
            nint count = Product.K;
            float* a0 = Product.A + (row * Product.ARow);
            float* a1 = a0 + Product.ARow;
            float* b0 = Product.B + (column * Product.BColumn);
            float* b1 = b0 + Product.BColumn;
            float* b2 = b1 + Product.BColumn;
            float* b3 = b2 + Product.BColumn;
            TVector sum00 = TSimd.Zero, sum01 = TSimd.Zero, sum02 = TSimd.Zero, sum03 = TSimd.Zero;
            TVector sum10 = TSimd.Zero, sum11 = TSimd.Zero, sum12 = TSimd.Zero, sum13 = TSimd.Zero;
            nint k = 0;
            for (; k + TSimd.Width <= count; k += TSimd.Width)
            {
                TVector x0 = TSimd.Load(a0 + k);
                TVector x1 = TSimd.Load(a1 + k);
                TVector y = TSimd.Load(b0 + k);
                sum00 = TSimd.MultiplyAdd(x0, y, sum00);
                sum10 = TSimd.MultiplyAdd(x1, y, sum10);
                y = TSimd.Load(b1 + k);
                sum01 = TSimd.MultiplyAdd(x0, y, sum01);
                sum11 = TSimd.MultiplyAdd(x1, y, sum11);
                y = TSimd.Load(b2 + k);
                sum02 = TSimd.MultiplyAdd(x0, y, sum02);
                sum12 = TSimd.MultiplyAdd(x1, y, sum12);
                y = TSimd.Load(b3 + k);
                sum03 = TSimd.MultiplyAdd(x0, y, sum03);
                sum13 = TSimd.MultiplyAdd(x1, y, sum13);
            }

            if (k < count)
            {
                nint rest = count - k;
                TVector x0 = TSimd.LoadPartial(a0 + k, rest);
                TVector x1 = TSimd.LoadPartial(a1 + k, rest);
                TVector y = TSimd.LoadPartial(b0 + k, rest);
                sum00 = TSimd.MultiplyAdd(x0, y, sum00);
                sum10 = TSimd.MultiplyAdd(x1, y, sum10);
                y = TSimd.LoadPartial(b1 + k, rest);
                sum01 = TSimd.MultiplyAdd(x0, y, sum01);
                sum11 = TSimd.MultiplyAdd(x1, y, sum11);
                y = TSimd.LoadPartial(b2 + k, rest);
                sum02 = TSimd.MultiplyAdd(x0, y, sum02);
                sum12 = TSimd.MultiplyAdd(x1, y, sum12);
                y = TSimd.LoadPartial(b3 + k, rest);
                sum03 = TSimd.MultiplyAdd(x0, y, sum03);
                sum13 = TSimd.MultiplyAdd(x1, y, sum13);
            }

            Write(row, column, TSimd.Sum(sum00));
            Write(row, column + 1, TSimd.Sum(sum01));
            Write(row, column + 2, TSimd.Sum(sum02));
            Write(row, column + 3, TSimd.Sum(sum03));
            Write(row + 1, column, TSimd.Sum(sum10));
            Write(row + 1, column + 1, TSimd.Sum(sum11));
            Write(row + 1, column + 2, TSimd.Sum(sum12));
            Write(row + 1, column + 3, TSimd.Sum(sum13));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Write(nint row, nint column, float sum)
        {
            float* target = Product.C + (row * Product.N) + column;
            *target = Product.Accumulate ? float.FusedMultiplyAdd(Product.Alpha, sum, *target) : Product.Alpha * sum;
        }
    }
}

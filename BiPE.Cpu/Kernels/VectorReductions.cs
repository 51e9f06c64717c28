using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>Sums and largest elements of contiguous float32, several partial sums at once.</summary>
internal static unsafe class VectorReductions<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    /// <summary>Sum of a[i] * b[i].</summary>
    public static float Dot(float* a, float* b, nint count)
    {
        TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero, sum2 = TSimd.Zero, sum3 = TSimd.Zero;
        nint i = 0;
        for (; i + (4 * TSimd.Width) <= count; i += 4 * TSimd.Width)
        {
            sum0 = TSimd.MultiplyAdd(TSimd.Load(a + i), TSimd.Load(b + i), sum0);
            sum1 = TSimd.MultiplyAdd(TSimd.Load(a + i + TSimd.Width), TSimd.Load(b + i + TSimd.Width), sum1);
            sum2 = TSimd.MultiplyAdd(TSimd.Load(a + i + (2 * TSimd.Width)), TSimd.Load(b + i + (2 * TSimd.Width)), sum2);
            sum3 = TSimd.MultiplyAdd(TSimd.Load(a + i + (3 * TSimd.Width)), TSimd.Load(b + i + (3 * TSimd.Width)), sum3);
        }

        for (; i < count; i += TSimd.Width)
        {
            nint rest = Math.Min(TSimd.Width, count - i);
            sum0 = TSimd.MultiplyAdd(TSimd.LoadPartial(a + i, rest), TSimd.LoadPartial(b + i, rest), sum0);
        }

        return TSimd.Sum(TSimd.Add(TSimd.Add(sum0, sum1), TSimd.Add(sum2, sum3)));
    }

    /// <summary>Sum of a[i] * b[i] * c[i].</summary>
    public static float Dot(float* a, float* b, float* c, nint count)
    {
        TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero;
        nint i = 0;
        for (; i + (2 * TSimd.Width) <= count; i += 2 * TSimd.Width)
        {
            nint j = i + TSimd.Width;
            sum0 = TSimd.MultiplyAdd(TSimd.Multiply(TSimd.Load(a + i), TSimd.Load(b + i)), TSimd.Load(c + i), sum0);
            sum1 = TSimd.MultiplyAdd(TSimd.Multiply(TSimd.Load(a + j), TSimd.Load(b + j)), TSimd.Load(c + j), sum1);
        }

        for (; i < count; i += TSimd.Width)
        {
            nint rest = Math.Min(TSimd.Width, count - i);
            TVector product = TSimd.Multiply(TSimd.LoadPartial(a + i, rest), TSimd.LoadPartial(b + i, rest));
            sum0 = TSimd.MultiplyAdd(product, TSimd.LoadPartial(c + i, rest), sum0);
        }

        return TSimd.Sum(TSimd.Add(sum0, sum1));
    }

    /// <summary>Largest element, negative infinity of none.</summary>
    public static float Largest(float* source, nint count)
    {
        if (count < TSimd.Width)
        {
            float largest = float.NegativeInfinity;
            for (nint k = 0; k < count; k++)
            {
                largest = MathF.Max(largest, source[k]);
            }

            return largest;
        }

        // The last vector may meet the one before it again; the largest does not mind.
        TVector best = TSimd.Load(source + count - TSimd.Width);
        TVector other = best;
        nint i = 0;
        for (; i + (2 * TSimd.Width) <= count; i += 2 * TSimd.Width)
        {
            best = TSimd.Maximum(best, TSimd.Load(source + i));
            other = TSimd.Maximum(other, TSimd.Load(source + i + TSimd.Width));
        }

        if (i + TSimd.Width <= count)
        {
            best = TSimd.Maximum(best, TSimd.Load(source + i));
        }

        return TSimd.Largest(TSimd.Maximum(best, other));
    }

    /// <summary>
    /// Sum of e^(source[i] - maximum), in double over blocks; the terms are written to the destination unless it is null. What follows
    /// the source, its next row, is asked for: memory has little to do meanwhile.
    /// </summary>
    public static double SumOfExponentials(float* destination, float* source, nint count, float maximum)
    {
        const int Block = 1024;
        float* terms = stackalloc float[16];
        double total = 0;
        TVector shift = TSimd.Broadcast(maximum);
        for (nint block = 0; block < count; block += Block)
        {
            nint end = Math.Min(block + Block, count);
            TVector sum = TSimd.Zero;
            nint i = block;
            for (; i + TSimd.Width <= end; i += TSimd.Width)
            {
                CacheLine.FetchOuter(source + count + i);
                TVector term = VectorMath<TSimd, TVector>.ExpOfNonPositive(TSimd.Subtract(TSimd.Load(source + i), shift));
                sum = TSimd.Add(sum, term);
                if (destination is not null)
                {
                    TSimd.Store(destination + i, term);
                }
            }

            total += TSimd.Sum(sum);
            for (; i < end; i += TSimd.Width)
            {
                nint rest = Math.Min(TSimd.Width, end - i);
                TVector term = VectorMath<TSimd, TVector>.ExpOfNonPositive(TSimd.Subtract(TSimd.LoadPartial(source + i, rest), shift));
                TSimd.Store(terms, term);
                for (nint k = 0; k < rest; k++)
                {
                    total += terms[k];
                }

                if (destination is not null)
                {
                    TSimd.StorePartial(destination + i, term, rest);
                }
            }
        }

        return total;
    }

    /// <summary>destination[i] = source[i] * factor; they may be the same.</summary>
    public static void Scale(float* destination, float* source, nint count, float factor)
    {
        TVector scale = TSimd.Broadcast(factor);
        nint i = 0;
        for (; i + TSimd.Width <= count; i += TSimd.Width)
        {
            TSimd.Store(destination + i, TSimd.Multiply(TSimd.Load(source + i), scale));
        }

        if (i < count)
        {
            TSimd.StorePartial(destination + i, TSimd.Multiply(TSimd.LoadPartial(source + i, count - i), scale), count - i);
        }
    }

    /// <summary>destination[i] += source[i].</summary>
    public static void Add(float* destination, float* source, nint count)
    {
        for (nint i = 0; i < count; i += TSimd.Width)
        {
            nint rest = Math.Min(TSimd.Width, count - i);
            TSimd.StorePartial(destination + i, TSimd.Add(TSimd.LoadPartial(destination + i, rest), TSimd.LoadPartial(source + i, rest)), rest);
        }
    }
}

using System.Runtime.InteropServices;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// Matrix products in the manner of Goto and van de Geijn (2008, "Anatomy of high-performance matrix multiplication"): the second factor is copied
/// into panels as wide as a register tile, a block of the inner dimension at a time. A row of the first factor is read where it
/// lies if it is contiguous, since a tile's eight rows are eight streams that the processor fetches ahead by itself; a transposed factor's
/// rows are copied, too. What there is more of, each thread copies for itself (<see cref="MatMulColumnsJob{TSimd, TVector}"/>,
/// <see cref="MatMulRowsJob{TSimd, TVector}"/>): it is read from the thread's own cache while the other factor goes by, which all share.
/// The inner blocks depend on the shape alone, so every element of the destination is summed in the same order, whatever
/// the chunks and whoever computes them.
/// </summary>
internal static unsafe class MatMulKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    // Two panels of 48 columns take 393 KB of an outer cache of 1 MB. Longer blocks read and write the destination less often.
    private const int InnerBlock = 1024;

    // What threads share should stay in the cache that they share: 6.3 MB of rows, or 12.6 MB of columns.
    private const int SharedRows = 1536;
    private const int SharedColumns = 3072;

    /// <summary>Products of at most this many rows with a transposed second factor read it once, unpacked.</summary>
    private const int MaximumDotRows = 16;

    /// <summary>Columns of a panel.</summary>
    public static int PanelColumns => TileProduct<TSimd, TVector>.WideColumns;

    /// <summary>Computes a product.</summary>
    /// <param name="context">Threads and scratch memory.</param>
    /// <param name="product">What to compute; the destination overlaps nothing.</param>
    public static void Multiply(KernelContext context, in MatMulOperands product)
    {
        if (product.M == 0 || product.N == 0)
        {
            return;
        }

        if (product.K == 0)
        {
            if (!product.Accumulate)
            {
                NativeMemory.Clear(product.C, (nuint)(product.M * product.N * sizeof(float)));
            }

            return;
        }

        if (!product.IsFrozen && !product.IsWidened && product.M <= MaximumDotRows && product.AColumn == 1 && product.BRow == 1)
        {
            DotProductKernel<TSimd, TVector>.Multiply(context, product);
            return;
        }

        bool sharesColumns = product.AColumn != 1 && !product.IsFrozen && !product.IsWidened && product.N < 2 * product.M;
        nint rows = sharesColumns ? product.M : Even(product.M, SharedRows, TSimd.TileRows);
        nint columns = sharesColumns ? SharedColumns : product.N;
        nint inner = MatMulBlock<TSimd, TVector>.ReadsPanelsOnce(product) ? product.K : Even(product.K, InnerBlock, 16);
        for (nint row = 0; row < product.M; row += rows)
        {
            for (nint column = 0; column < product.N; column += columns)
            {
                for (nint first = 0; first < product.K; first += inner)
                {
                    var block = new MatMulBlock<TSimd, TVector>(
                        product, row, Math.Min(rows, product.M - row), column, Math.Min(columns, product.N - column), first,
                        Math.Min(inner, product.K - first));
                    if (sharesColumns)
                    {
                        MatMulRowsJob<TSimd, TVector>.Run(context, block);
                    }
                    else
                    {
                        MatMulColumnsJob<TSimd, TVector>.Run(context, block);
                    }
                }
            }
        }
    }

    /// <summary>Size of blocks that are no larger than asked for, but for rounding, and all about the same.</summary>
    private static nint Even(nint count, nint most, nint multiple)
    {
        nint blocks = (count + most - 1) / most;
        return ((count + blocks - 1) / blocks + multiple - 1) / multiple * multiple;
    }
}

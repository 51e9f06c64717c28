using System.Numerics.Tensors;

namespace BiPE.Core.Tensors.Reference;

public static partial class ReferenceOperations<T>
{
    /// <summary>destination[m, n] (=|+=) alpha * sum over k of op(a)[m, k] * op(b)[k, n].</summary>
    /// <param name="destination"><c>[M, N]</c>.</param>
    /// <param name="a"><c>[M, K]</c> or <c>[K, M]</c>.</param>
    /// <param name="b"><c>[K, N]</c> or <c>[N, K]</c>.</param>
    /// <param name="m">M.</param>
    /// <param name="n">N.</param>
    /// <param name="k">K.</param>
    /// <param name="options">Transposes, factor, mode.</param>
    public static void MatMul(Span<T> destination, ReadOnlySpan<T> a, ReadOnlySpan<T> b, int m, int n, int k, MatMulOptions options)
    {
        T alpha = T.CreateChecked(options.Alpha);
        ReadOnlySpan<T> terms = options.TransposeB ? Transposed(b, n, k) : b;
        Span<T> sums = new T[n];
        for (int row = 0; row < m; row++)
        {
            sums.Clear();
            for (int inner = 0; inner < k; inner++)
            {
                T left = options.TransposeA ? a[(inner * m) + row] : a[(row * k) + inner];
                TensorPrimitives.MultiplyAdd(terms.Slice(inner * n, n), left, sums, sums);
            }

            for (int column = 0; column < n; column++)
            {
                Write(ref destination[(row * n) + column], alpha * sums[column], options.Mode);
            }
        }
    }

    /// <summary><see cref="MatMul"/> for each of the groups.</summary>
    /// <param name="destination"><c>[groups, M, N]</c>.</param>
    /// <param name="a"><c>[groups, M, K]</c> or <c>[groups, K, M]</c>.</param>
    /// <param name="b"><c>[groups, K, N]</c> or <c>[groups, N, K]</c>.</param>
    /// <param name="groups">Number of groups.</param>
    /// <param name="m">M.</param>
    /// <param name="n">N.</param>
    /// <param name="k">K.</param>
    /// <param name="options">Transposes, factor, mode.</param>
    public static void BatchedMatMul(
        Span<T> destination, ReadOnlySpan<T> a, ReadOnlySpan<T> b, int groups, int m, int n, int k, MatMulOptions options)
    {
        for (int group = 0; group < groups; group++)
        {
            MatMul(
                destination.Slice(group * m * n, m * n), a.Slice(group * m * k, m * k), b.Slice(group * k * n, k * n), m, n, k, options);
        }
    }

    private static T[] Transposed(ReadOnlySpan<T> matrix, int rows, int columns)
    {
        var transposed = new T[rows * columns];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                transposed[(column * rows) + row] = matrix[(row * columns) + column];
            }
        }

        return transposed;
    }
}

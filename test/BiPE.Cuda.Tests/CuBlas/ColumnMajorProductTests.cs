using BiPE.Core.Tensors;
using BiPE.Cuda.CuBlas;
using BiPE.Cuda.Products;

namespace BiPE.Cuda.Tests.CuBlas;

/// <summary>
/// What cuBLAS would compute from the arguments that it is given, by its documented definition on column-major matrices, against
/// the product of row-major ones.
/// </summary>
public sealed class ColumnMajorProductTests
{
    private const int M = 3;
    private const int N = 4;
    private const int K = 5;

    [Test]
    public void IsTheRowMajorProduct([Values] bool transposeLeft, [Values] bool transposeRight, [Values(0, 3)] int padding)
    {
        var random = new Random(7);
        int leftRow = (transposeLeft ? M : K) + padding;
        int rightRow = (transposeRight ? K : N) + padding;
        int resultRow = N + padding;
        double[] left = [.. Enumerable.Range(0, 100).Select(_ => random.NextDouble())];
        double[] right = [.. Enumerable.Range(0, 100).Select(_ => random.NextDouble())];
        ColumnMajorProduct call = ColumnMajorProduct.Of(new MatrixProduct(
            M, N, K, 1, Operand(resultRow), Operand(leftRow) with { IsTransposed = transposeLeft }, Operand(rightRow) with { IsTransposed = transposeRight },
            1, Accumulates: false));
        double[] result = ColumnMajorGemm(call, a: right, b: left, new double[100]);
        for (int row = 0; row < M; row++)
        {
            for (int column = 0; column < N; column++)
            {
                double expected = Enumerable.Range(0, K).Sum(k =>
                    left[transposeLeft ? (k * leftRow) + row : (row * leftRow) + k] * right[transposeRight ? (column * rightRow) + k : (k * rightRow) + column]);
                Assert.That(result[(row * resultRow) + column], Is.EqualTo(expected).Within(1e-12));
            }
        }
    }

    private static MatrixOperand Operand(int leading) => new(null!, ElementType.Float32, 0, leading);

    /// <summary>C[i + j ldc] = sum over l of op(A)[i, l] op(B)[l, j].</summary>
    private static double[] ColumnMajorGemm(in ColumnMajorProduct call, double[] a, double[] b, double[] c)
    {
        for (int i = 0; i < call.M; i++)
        {
            for (int j = 0; j < call.N; j++)
            {
                for (int l = 0; l < call.K; l++)
                {
                    double left = call.OperationA == CuBlasOperation.None ? a[i + (l * call.LeadingA)] : a[l + (i * call.LeadingA)];
                    double right = call.OperationB == CuBlasOperation.None ? b[l + (j * call.LeadingB)] : b[j + (l * call.LeadingB)];
                    c[i + (j * call.LeadingC)] += left * right;
                }
            }
        }

        return c;
    }
}

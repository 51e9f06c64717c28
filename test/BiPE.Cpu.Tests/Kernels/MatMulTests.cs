using BiPE.Core.Tensors;
using BiPE.Cpu.Simd;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace BiPE.Cpu.Tests.Kernels;

/// <summary>Products across the borders of tiles, chunks and blocks, against double precision, at every width.</summary>
public sealed class MatMulTests
{
    private static readonly (int M, int N, int K)[] s_shapes =
    [
        (1, 1, 1), (1, 97, 33), (5, 3, 0), (7, 47, 385), (8, 48, 384), (9, 49, 383), (16, 130, 65), (17, 66, 129), (96, 96, 96), (193, 50, 20),
        (33, 769, 17), (2305, 5, 3), (3, 3073, 5), (20, 60, 1153), (521, 600, 70), (1540, 3100, 2), (1600, 3100, 3),
    ];

    private static SimdWidth[] Widths => Simd.Widths.All;

    [TestCaseSource(nameof(Widths))]
    public void AgreesWithDoublePrecision(SimdWidth width)
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2, Width = width, ChecksMemory = true });
        foreach ((int m, int n, int k) in s_shapes)
        {
            for (int transposes = 0; transposes < 4; transposes++)
            {
                Check(backend, m, n, k, transposes % 2 == 1, transposes / 2 == 1, accumulate: (m + transposes) % 2 == 0);
            }
        }

        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void ProductsAllocateNothing()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        using var scope = new TensorScope(backend);
        Tensor a = scope.Allocate(new Shape(100, 70));
        Tensor b = scope.Allocate(new Shape(70, 130));
        Tensor c = scope.Allocate(new Shape(100, 130));
        backend.Fill(a, 1);
        backend.Fill(b, 1);
        backend.MatMul(c, a, b);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            backend.MatMul(c, a, b);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static void Check(CpuBackend backend, int m, int n, int k, bool transposeA, bool transposeB, bool accumulate)
    {
        var random = new Random((m * 31) + (n * 7) + k);
        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextSingle()) - 1)];
        float[] a = Values(m * k), b = Values(k * n), c = Values(m * n);
        using var scope = new TensorScope(backend);
        Tensor left = scope.Allocate(transposeA ? new Shape(k, m) : new Shape(m, k));
        Tensor right = scope.Allocate(transposeB ? new Shape(n, k) : new Shape(k, n));
        Tensor result = scope.Allocate(new Shape(m, n));
        backend.WriteFloats(left, a);
        backend.WriteFloats(right, b);
        backend.WriteFloats(result, c);
        backend.MatMul(result, left, right, new MatMulOptions
        {
            TransposeA = transposeA,
            TransposeB = transposeB,
            Alpha = 1.5,
            Mode = accumulate ? WriteMode.Accumulate : WriteMode.Overwrite,
        });

        float[] found = backend.ReadFloats(result);
        double[] rows = Lines(a, m, k, isTransposed: transposeA);
        double[] columns = Lines(b, n, k, isTransposed: !transposeB);

        // Partial sums grow like sqrt(k), and so do the roundings that add up; the rarest of millions of sums are far out.
        double bound = 2.4e-7 * (16 + (k / 3.0));
        for (int j = 0; j < n; j++)
        {
            // A few rows of each column, all of them over the columns.
            for (int i = j % 5; i < m; i += 5)
            {
                double dot = TensorPrimitives.Dot<double>(rows.AsSpan(i * k, k), columns.AsSpan(j * k, k));
                double wanted = (1.5 * dot) + (accumulate ? c[(i * n) + j] : 0);
                if (!(Math.Abs(found[(i * n) + j] - wanted) <= bound))
                {
                    Assert.Fail($"[{m}, {n}, {k}] {transposeA} {transposeB} at [{i}, {j}]: {found[(i * n) + j]}, expected {wanted}.");
                }
            }
        }
    }

    /// <summary>The rows of a matrix [count, k], or where it is transposed [k, count] its columns, one behind the other.</summary>
    private static double[] Lines(float[] matrix, int count, int k, bool isTransposed)
    {
        var lines = new double[count * k];
        for (int line = 0; line < count; line++)
        {
            for (int x = 0; x < k; x++)
            {
                lines[(line * k) + x] = matrix[isTransposed ? (x * count) + line : (line * k) + x];
            }
        }

        return lines;
    }
}

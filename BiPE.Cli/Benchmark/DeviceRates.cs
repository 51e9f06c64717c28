using System.Diagnostics;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark;

/// <summary>What a device reaches at best, as measured: what everything else is a share of.</summary>
/// <param name="ProductFlops">Floating-point operations a second of a large square matrix product in the activations' type.</param>
/// <param name="CopyBytes">Bytes a second, read and written, of a long copy.</param>
/// <param name="ReadBytes">Bytes a second of reading, where that was measured.</param>
internal sealed record DeviceRates(double ProductFlops, double CopyBytes, double? ReadBytes = null)
{
    // A large GPU needs 8192 to be busy, for a millisecond or two; a processor takes longer for 1024. So sizes grow until the
    // next one would take long.
    private const int SmallestProduct = 64;
    private const int LargestProduct = 8192;
    private const int ShortestCopy = 1 << 18;
    private const int LongestCopy = 1 << 28;
    private const double LongestMeasurement = 0.25;

    // New pages of a processor's memory may take longer than copying them.
    private const double LongestPreparation = 1;

    /// <summary>Measures both.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="cancellation">Stops between sizes.</param>
    public static DeviceRates Measure(ITensorBackend backend, CancellationToken cancellation) =>
        new(BestProduct(backend, cancellation), LongCopy(backend, cancellation));

    private static double BestProduct(ITensorBackend backend, CancellationToken cancellation)
    {
        double best = 0;
        double seconds = 0;
        for (int size = SmallestProduct; size <= LargestProduct && seconds * 8 < LongestMeasurement; size *= 2)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope(backend);
            Tensor a = scope.Allocate(new Shape(size, size));
            Tensor b = scope.Allocate(new Shape(size, size));
            Tensor product = scope.Allocate(new Shape(size, size));
            backend.Fill(a, 0.5);
            backend.Fill(b, -0.25);
            seconds = Timing.Seconds(backend, () => backend.MatMul(product, a, b, new MatMulOptions { TransposeB = true }));
            best = Math.Max(best, 2.0 * size * size * size / seconds);
        }

        return best;
    }

    /// <summary>The longest copy's rate: short ones may stay in a cache.</summary>
    private static double LongCopy(ITensorBackend backend, CancellationToken cancellation)
    {
        double rate = 0;
        double seconds = 0;
        double prepared = 0;
        for (int bytes = ShortestCopy; bytes <= LongestCopy && seconds * 4 < LongestMeasurement && prepared * 4 < LongestPreparation; bytes *= 4)
        {
            cancellation.ThrowIfCancellationRequested();
            var watch = Stopwatch.StartNew();
            using var scope = new TensorScope(backend);
            Tensor source = scope.Allocate(new Shape(bytes / sizeof(float)), ElementType.Float32);
            Tensor copy = scope.Allocate(source.Shape, ElementType.Float32);

            // Memory that was never written may be one page of zeros for all addresses.
            backend.Copy(source, copy);
            backend.Synchronize();
            prepared = watch.Elapsed.TotalSeconds;
            seconds = Timing.Seconds(backend, () => backend.Copy(copy, source));
            rate = 2.0 * bytes / seconds;
        }

        return rate;
    }
}

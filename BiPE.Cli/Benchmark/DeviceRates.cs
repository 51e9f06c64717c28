using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark;

/// <summary>What a device reaches at best, as measured: what everything else is a share of.</summary>
/// <param name="ProductFlops">Floating-point operations a second of a large square matrix product in the activations' type.</param>
/// <param name="CopyBytes">Bytes a second, read and written, of a long copy.</param>
/// <param name="ReadBytes">Bytes a second of reading, where that was measured.</param>
internal sealed record DeviceRates(double ProductFlops, double CopyBytes, double? ReadBytes = null)
{
    /// <summary>Measures both.</summary>
    /// <param name="backend">The device.</param>
    public static DeviceRates Measure(ITensorBackend backend)
    {
        bool isProcessor = backend.Info.Name == "cpu";
        int size = isProcessor ? 1024 : 8192;
        int bytes = isProcessor ? 64 << 20 : 1 << 30;
        using var scope = new TensorScope(backend);
        Tensor a = scope.Allocate(new Shape(size, size));
        Tensor b = scope.Allocate(new Shape(size, size));
        Tensor product = scope.Allocate(new Shape(size, size));
        backend.Fill(a, 0.5);
        backend.Fill(b, -0.25);
        double productSeconds = Timing.Seconds(backend, () => backend.MatMul(product, a, b, new MatMulOptions { TransposeB = true }));

        Tensor source = scope.Allocate(new Shape(bytes / sizeof(float)), ElementType.Float32);
        Tensor copy = scope.Allocate(source.Shape, ElementType.Float32);
        backend.Fill(source, 1);
        double copySeconds = Timing.Seconds(backend, () => backend.Copy(copy, source));
        return new DeviceRates(2.0 * size * size * size / productSeconds, 2.0 * bytes / copySeconds);
    }
}

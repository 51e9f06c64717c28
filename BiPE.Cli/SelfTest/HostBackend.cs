using BiPE.Core.Tensors;
using BiPE.Core.Tensors.Reference;
using BiPE.Cpu;

namespace BiPE.Cli.SelfTest;

/// <summary>
/// Every operation by its one readable definition, in float64 with results in float32: what other backends are compared with.
/// The CPU backend is its memory and nothing else.
/// </summary>
internal sealed class HostBackend : ITensorBackend
{
    private readonly CpuBackend _memory = new();

    public BackendInfo Info { get; } = new("host", "definitions in float64", ElementType.Float32, ElementType.Float32);

    public MemoryUse Memory => _memory.Memory;

    public Tensor Allocate(Shape shape, ElementType type) => _memory.Allocate(shape, type);

    public void Release(Tensor tensor) => _memory.Release(tensor);

    public void Upload<T>(Tensor destination, ReadOnlySpan<T> source)
        where T : unmanaged => _memory.Upload(destination, source);

    public void Download<T>(Span<T> destination, Tensor source)
        where T : unmanaged => _memory.Download(destination, source);

    public void Copy(Tensor destination, Tensor source) => _memory.Copy(destination, source);

    public void Fill(Tensor destination, double value) => _memory.Fill(destination, value);

    public void Convert(Tensor destination, Tensor source) => _memory.Convert(destination, source);

    public void Synchronize() => _memory.Synchronize();

    public void MatMul(Tensor destination, Tensor a, Tensor b, MatMulOptions options = default)
    {
        double[] result = this.ReadDoubles(destination);
        ReferenceOperations<double>.MatMul(
            result, this.ReadDoubles(a), this.ReadDoubles(b),
            destination.Shape[0], destination.Shape[1], a.Shape[options.TransposeA ? 0 : 1], options);
        this.WriteDoubles(destination, result);
    }

    public void Add(Tensor destination, Tensor a, Tensor b) => Zip(destination, a, b, WriteMode.Overwrite, (x, y) => x + y);

    public void Multiply(Tensor destination, Tensor a, Tensor b, WriteMode mode = WriteMode.Overwrite) =>
        Zip(destination, a, b, mode, (x, y) => x * y);

    public void AddScaled(Tensor destination, Tensor source, double alpha) =>
        Zip(destination, source, source, WriteMode.Accumulate, (x, _) => alpha * x);

    public void Scale(Tensor destination, Tensor source, double alpha) =>
        Zip(destination, source, source, WriteMode.Overwrite, (x, _) => alpha * x);

    public void Unary(Tensor destination, Tensor source, UnaryKind kind) =>
        Zip(destination, source, source, WriteMode.Overwrite, (x, _) => ReferenceOperations<double>.Unary(x, kind));

    public void UnaryBackward(Tensor sourceGradient, Tensor gradient, Tensor source, UnaryKind kind, WriteMode mode = WriteMode.Overwrite) =>
        Zip(sourceGradient, gradient, source, mode, (dy, x) => dy * ReferenceOperations<double>.UnaryDerivative(x, kind));

    public void Dispose() => _memory.Dispose();

    private void Zip(Tensor destination, Tensor a, Tensor b, WriteMode mode, Func<double, double, double> function)
    {
        double[] left = this.ReadDoubles(a);
        double[] right = this.ReadDoubles(b);
        double[] result = mode == WriteMode.Accumulate ? this.ReadDoubles(destination) : new double[destination.Count];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] += function(left[i], right[i]);
        }

        this.WriteDoubles(destination, result);
    }
}

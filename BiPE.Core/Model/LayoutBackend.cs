using BiPE.Core.Tensors;

namespace BiPE.Core.Model;

/// <summary>A backend without memory: a model made on it has names and shapes, but neither values nor results.</summary>
internal sealed class LayoutBackend : ITensorBackend
{
    public BackendInfo Info { get; } = new("layout", "none", ElementType.Float32, ElementType.Float32);

    public MemoryUse Memory => default;

    public Tensor Allocate(Shape shape, ElementType type) => new(new NoMemory(shape.Count * type.ByteSize()), shape, type);

    public void Release(Tensor tensor) => tensor.Buffer.MarkReleased();

    // Encodings may set tables when they are made; what they hold does not matter here.
    public void Upload<T>(Tensor destination, ReadOnlySpan<T> source)
        where T : unmanaged
    {
    }

    public void Copy(Tensor destination, Tensor source)
    {
    }

    public void Fill(Tensor destination, double value)
    {
    }

    public void Synchronize()
    {
    }

    public void Dispose()
    {
    }

    public void Download<T>(Span<T> destination, Tensor source)
        where T : unmanaged
        => throw NoValues();

    public void Convert(Tensor destination, Tensor source) => throw NoValues();

    public void MatMul(Tensor destination, Tensor a, Tensor b, MatMulOptions options = default) => throw NoValues();

    public void Add(Tensor destination, Tensor a, Tensor b) => throw NoValues();

    public void Multiply(Tensor destination, Tensor a, Tensor b, WriteMode mode = WriteMode.Overwrite) => throw NoValues();

    public void AddScaled(Tensor destination, Tensor source, double alpha) => throw NoValues();

    public void Scale(Tensor destination, Tensor source, double alpha) => throw NoValues();

    public void Unary(Tensor destination, Tensor source, UnaryKind kind) => throw NoValues();

    public void UnaryBackward(Tensor sourceGradient, Tensor gradient, Tensor source, UnaryKind kind, WriteMode mode = WriteMode.Overwrite) =>
        throw NoValues();

    private static InvalidOperationException NoValues() => new("A model that was made for its layout has no values to compute with.");

    private sealed class NoMemory(long length) : TensorBuffer(length);
}

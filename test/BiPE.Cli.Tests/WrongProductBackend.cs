using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Cli.Tests;

/// <summary>A device that multiplies wrongly, or adds nothing, and does everything else right.</summary>
internal sealed class WrongProductBackend : ITensorBackend
{
    private readonly ReferenceBackend _inner = new();
    private int _products;

    /// <summary>Whether memory is never given back.</summary>
    public bool KeepsMemory { get; init; }

    /// <summary>Whether every product is wrong in another way.</summary>
    public bool IsErratic { get; init; }

    /// <summary>Whether products are right but for their first row, which is NaN.</summary>
    public bool GivesNaN { get; init; }

    /// <summary>Whether products are right, but sums are never written.</summary>
    public bool AddsNothing { get; init; }

    /// <summary>Whether it was disposed.</summary>
    public bool IsDisposed { get; private set; }

    public BackendInfo Info => _inner.Info;

    public MemoryUse Memory => _inner.Memory;

    public Tensor Allocate(Shape shape, ElementType type) => _inner.Allocate(shape, type);

    public void Release(Tensor tensor)
    {
        if (!KeepsMemory)
        {
            _inner.Release(tensor);
        }
    }

    public void Upload<T>(Tensor destination, ReadOnlySpan<T> source)
        where T : unmanaged => _inner.Upload(destination, source);

    public void Download<T>(Span<T> destination, Tensor source)
        where T : unmanaged => _inner.Download(destination, source);

    public void Copy(Tensor destination, Tensor source) => _inner.Copy(destination, source);

    public void Fill(Tensor destination, double value) => _inner.Fill(destination, value);

    public void Convert(Tensor destination, Tensor source) => _inner.Convert(destination, source);

    public void Synchronize() => _inner.Synchronize();

    public void MatMul(Tensor destination, Tensor a, Tensor b, MatMulOptions options = default)
    {
        _inner.MatMul(destination, a, b, options);
        if (GivesNaN)
        {
            _inner.Fill(destination.Slice(0, 1), double.NaN);
        }
        else if (!AddsNothing)
        {
            _inner.Scale(destination, destination, IsErratic ? 1.001 + (1e-6 * _products++) : 1.001);
        }
    }

    public void Add(Tensor destination, Tensor a, Tensor b)
    {
        if (!AddsNothing)
        {
            _inner.Add(destination, a, b);
        }
    }

    public void Multiply(Tensor destination, Tensor a, Tensor b, WriteMode mode = WriteMode.Overwrite) => _inner.Multiply(destination, a, b, mode);

    public void AddScaled(Tensor destination, Tensor source, double alpha) => _inner.AddScaled(destination, source, alpha);

    public void Scale(Tensor destination, Tensor source, double alpha) => _inner.Scale(destination, source, alpha);

    public void Unary(Tensor destination, Tensor source, UnaryKind kind) => _inner.Unary(destination, source, kind);

    public void UnaryBackward(Tensor sourceGradient, Tensor gradient, Tensor source, UnaryKind kind, WriteMode mode = WriteMode.Overwrite) =>
        _inner.UnaryBackward(sourceGradient, gradient, source, kind, mode);

    public void Dispose()
    {
        IsDisposed = true;
        _inner.Dispose();
    }
}

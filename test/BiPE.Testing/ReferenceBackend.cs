using BiPE.Core.Tensors;
using BiPE.Core.Tensors.Reference;

namespace BiPE.Testing;

/// <summary>
/// The oracle: everything in float64 by <see cref="ReferenceOperations{T}"/>. It writes only what every backend must and takes
/// the default bodies for the rest, so it tests those too. New memory is filled with NaN: reading it before writing shows.
/// </summary>
public sealed class ReferenceBackend : ITensorBackend
{
    private long _used;
    private long _peak;
    private int _live;

    /// <inheritdoc/>
    public BackendInfo Info { get; } = new("reference", "managed float64, one loop an operation", ElementType.Float64, ElementType.Float64);

    /// <inheritdoc/>
    public MemoryUse Memory => new(_used, _peak, _used, _live);

    /// <inheritdoc/>
    public Tensor Allocate(Shape shape, ElementType type)
    {
        Array values = type switch
        {
            ElementType.Float64 => Filled(shape.Count, double.NaN),
            ElementType.Float32 => Filled(shape.Count, float.NaN),
            ElementType.Int32 => Filled(shape.Count, int.MinValue),
            _ => throw new NotSupportedException($"The reference backend has no {type}."),
        };
        long bytes = shape.Count * type.ByteSize();
        _used += bytes;
        _peak = Math.Max(_peak, _used);
        _live++;
        return new Tensor(new ReferenceBuffer(values, bytes), shape, type);
    }

    /// <inheritdoc/>
    public void Release(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        tensor.Buffer.MarkReleased();
        _used -= tensor.Buffer.ByteLength;
        _live--;
    }

    /// <inheritdoc/>
    public void Upload<T>(Tensor destination, ReadOnlySpan<T> source)
        where T : unmanaged => source.CopyTo(Span<T>(destination));

    /// <inheritdoc/>
    public void Download<T>(Span<T> destination, Tensor source)
        where T : unmanaged => Span<T>(source).CopyTo(destination);

    /// <inheritdoc/>
    public void Copy(Tensor destination, Tensor source)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (destination.Type == ElementType.Int32)
        {
            Span<int>(source).CopyTo(Span<int>(destination));
        }
        else
        {
            this.WriteDoubles(destination, this.ReadDoubles(source));
        }
    }

    /// <inheritdoc/>
    public void Fill(Tensor destination, double value)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (destination.Type == ElementType.Int32)
        {
            Span<int>(destination).Fill((int)value);
        }
        else
        {
            this.WriteDoubles(destination, Filled(destination.Count, value));
        }
    }

    /// <inheritdoc/>
    public void Convert(Tensor destination, Tensor source) => this.WriteDoubles(destination, this.ReadDoubles(source));

    /// <inheritdoc/>
    public void Synchronize()
    {
    }

    /// <inheritdoc/>
    public void MatMul(Tensor destination, Tensor a, Tensor b, MatMulOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(a);
        ReferenceOperations<double>.MatMul(
            Span<double>(destination), Span<double>(a), Span<double>(b),
            destination.Shape[0], destination.Shape[1], a.Shape[options.TransposeA ? 0 : 1], options);
    }

    /// <inheritdoc/>
    public void Add(Tensor destination, Tensor a, Tensor b) => Zip(destination, a, b, WriteMode.Overwrite, (x, y) => x + y);

    /// <inheritdoc/>
    public void Multiply(Tensor destination, Tensor a, Tensor b, WriteMode mode = WriteMode.Overwrite) =>
        Zip(destination, a, b, mode, (x, y) => x * y);

    /// <inheritdoc/>
    public void AddScaled(Tensor destination, Tensor source, double alpha) =>
        Zip(destination, source, source, WriteMode.Accumulate, (x, _) => alpha * x);

    /// <inheritdoc/>
    public void Scale(Tensor destination, Tensor source, double alpha) =>
        Zip(destination, source, source, WriteMode.Overwrite, (x, _) => alpha * x);

    /// <inheritdoc/>
    public void Unary(Tensor destination, Tensor source, UnaryKind kind) =>
        Zip(destination, source, source, WriteMode.Overwrite, (x, _) => ReferenceOperations<double>.Unary(x, kind));

    /// <inheritdoc/>
    public void UnaryBackward(Tensor sourceGradient, Tensor gradient, Tensor source, UnaryKind kind, WriteMode mode = WriteMode.Overwrite) =>
        Zip(sourceGradient, gradient, source, mode, (dy, x) => dy * ReferenceOperations<double>.UnaryDerivative(x, kind));

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static T[] Filled<T>(long count, T value)
    {
        T[] values = GC.AllocateUninitializedArray<T>(checked((int)count));
        Array.Fill(values, value);
        return values;
    }

    private static Span<T> Span<T>(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        var values = (T[])((ReferenceBuffer)tensor.Buffer).Values;
        return values.AsSpan(checked((int)tensor.Offset), checked((int)tensor.Count));
    }

    private static void Zip(Tensor destination, Tensor a, Tensor b, WriteMode mode, Func<double, double, double> function)
    {
        Span<double> result = Span<double>(destination);
        Span<double> left = Span<double>(a);
        Span<double> right = Span<double>(b);
        for (int i = 0; i < result.Length; i++)
        {
            double value = function(left[i], right[i]);
            result[i] = mode == WriteMode.Accumulate ? result[i] + value : value;
        }
    }
}

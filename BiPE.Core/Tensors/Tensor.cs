namespace BiPE.Core.Tensors;

/// <summary>
/// A contiguous, row-major array in a backend's memory. A tensor does not own its memory: a <see cref="TensorScope"/> or
/// whoever allocated it gives it back. The only views are reshapes and slices of the outermost axis.
/// </summary>
public sealed class Tensor
{
    /// <summary>Creates a window into a buffer; for backends.</summary>
    /// <param name="buffer">The memory.</param>
    /// <param name="shape">Extents.</param>
    /// <param name="type">Element type.</param>
    /// <param name="offset">First element, counted in elements from the buffer's start.</param>
    /// <exception cref="ArgumentOutOfRangeException">The window is larger than the buffer.</exception>
    public Tensor(TensorBuffer buffer, Shape shape, ElementType type, long offset = 0)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((offset + shape.Count) * type.ByteSize(), buffer.ByteLength, nameof(shape));
        Buffer = buffer;
        Shape = shape;
        Type = type;
        Offset = offset;
    }

    /// <summary>The memory the tensor lies in.</summary>
    public TensorBuffer Buffer { get; }

    /// <summary>Extents, outermost first.</summary>
    public Shape Shape { get; }

    /// <summary>Element type.</summary>
    public ElementType Type { get; }

    /// <summary>First element, counted in elements from the buffer's start.</summary>
    public long Offset { get; }

    /// <summary>Number of elements.</summary>
    public long Count => Shape.Count;

    /// <summary>Bytes the elements take.</summary>
    public long ByteLength => Count * Type.ByteSize();

    /// <summary>The same elements with other extents.</summary>
    /// <param name="extents">New extents with the same number of elements.</param>
    /// <exception cref="ArgumentException">The number of elements differs.</exception>
    public Tensor Reshape(params ReadOnlySpan<int> extents)
    {
        var shape = new Shape(extents);
        return shape.Count == Count
            ? new Tensor(Buffer, shape, Type, Offset)
            : throw new ArgumentException($"Reshape: {Shape} has {Count} elements, {shape} has {shape.Count}.", nameof(extents));
    }

    /// <summary>The same elements as <c>[rows, last axis]</c>.</summary>
    public Tensor AsRows() => Reshape(checked((int)Shape.RowCount), Shape.Last);

    /// <summary>Some of the outermost axis.</summary>
    /// <param name="start">First index.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the axis.</exception>
    public Tensor Slice(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)start + count, Shape[0], nameof(count));
        long row = Shape[0] == 0 ? 0 : Count / Shape[0];
        return new Tensor(Buffer, Shape.WithFirst(count), Type, Offset + (start * row));
    }

    /// <summary>Element type and shape, as <c>Float32 [2, 3]</c>.</summary>
    public override string ToString() => $"{Type} {Shape}";
}

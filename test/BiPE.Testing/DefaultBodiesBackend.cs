using System.Runtime.InteropServices;
using BiPE.Core.Tensors;
using BiPE.Core.Tensors.Reference;

namespace BiPE.Testing;

/// <summary>
/// The least a third backend must write, in float32: memory, products, elementwise. Everything else is the interface's default
/// body. It also stores bfloat16, so conversions and compute copies can be tested. New memory is filled with NaN.
/// </summary>
public sealed class DefaultBodiesBackend : ITensorBackend
{
    private long _used;
    private long _peak;
    private int _live;

    /// <inheritdoc/>
    public BackendInfo Info { get; } = new("default bodies", "managed float32, default bodies", ElementType.Float32, ElementType.Float32);

    /// <inheritdoc/>
    public MemoryUse Memory => new(_used, _peak, _used, _live);

    /// <inheritdoc/>
    public Tensor Allocate(Shape shape, ElementType type)
    {
        if (type == ElementType.Float64)
        {
            throw new NotSupportedException("This backend has no Float64.");
        }

        var bytes = new byte[shape.Count * type.ByteSize()];
        Array.Fill(bytes, byte.MaxValue);
        _used += bytes.Length;
        _peak = Math.Max(_peak, _used);
        _live++;
        return new Tensor(new HostBuffer(bytes), shape, type);
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
        where T : unmanaged => MemoryMarshal.AsBytes(source).CopyTo(Bytes(destination));

    /// <inheritdoc/>
    public void Download<T>(Span<T> destination, Tensor source)
        where T : unmanaged => Bytes(source).CopyTo(MemoryMarshal.AsBytes(destination));

    /// <inheritdoc/>
    public void Copy(Tensor destination, Tensor source) => Bytes(source).CopyTo(Bytes(destination));

    /// <inheritdoc/>
    public void Fill(Tensor destination, double value)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (destination.Type == ElementType.Int32)
        {
            MemoryMarshal.Cast<byte, int>(Bytes(destination)).Fill((int)value);
        }
        else
        {
            var values = new float[destination.Count];
            Array.Fill(values, (float)value);
            this.WriteFloats(destination, values);
        }
    }

    /// <inheritdoc/>
    public void Convert(Tensor destination, Tensor source) => this.WriteFloats(destination, this.ReadFloats(source));

    /// <inheritdoc/>
    public void Synchronize()
    {
    }

    /// <inheritdoc/>
    public void MatMul(Tensor destination, Tensor a, Tensor b, MatMulOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(a);
        float[] result = this.ReadFloats(destination);
        ReferenceOperations<float>.MatMul(
            result, this.ReadFloats(a), this.ReadFloats(b),
            destination.Shape[0], destination.Shape[1], a.Shape[options.TransposeA ? 0 : 1], options);
        this.WriteFloats(destination, result);
    }

    /// <inheritdoc/>
    public void Add(Tensor destination, Tensor a, Tensor b) => Zip(destination, a, b, WriteMode.Overwrite, (x, y) => x + y);

    /// <inheritdoc/>
    public void Multiply(Tensor destination, Tensor a, Tensor b, WriteMode mode = WriteMode.Overwrite) =>
        Zip(destination, a, b, mode, (x, y) => x * y);

    /// <inheritdoc/>
    public void AddScaled(Tensor destination, Tensor source, double alpha) =>
        Zip(destination, source, source, WriteMode.Accumulate, (x, _) => (float)alpha * x);

    /// <inheritdoc/>
    public void Scale(Tensor destination, Tensor source, double alpha) =>
        Zip(destination, source, source, WriteMode.Overwrite, (x, _) => (float)alpha * x);

    /// <inheritdoc/>
    public void Unary(Tensor destination, Tensor source, UnaryKind kind) =>
        Zip(destination, source, source, WriteMode.Overwrite, (x, _) => ReferenceOperations<float>.Unary(x, kind));

    /// <inheritdoc/>
    public void UnaryBackward(Tensor sourceGradient, Tensor gradient, Tensor source, UnaryKind kind, WriteMode mode = WriteMode.Overwrite) =>
        Zip(sourceGradient, gradient, source, mode, (dy, x) => dy * ReferenceOperations<float>.UnaryDerivative(x, kind));

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static Span<byte> Bytes(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        int size = tensor.Type.ByteSize();
        return ((HostBuffer)tensor.Buffer).Bytes.AsSpan(checked((int)(tensor.Offset * size)), checked((int)tensor.ByteLength));
    }

    private void Zip(Tensor destination, Tensor a, Tensor b, WriteMode mode, Func<float, float, float> function)
    {
        float[] result = this.ReadFloats(destination);
        float[] left = this.ReadFloats(a);
        float[] right = this.ReadFloats(b);
        for (int i = 0; i < result.Length; i++)
        {
            float value = function(left[i], right[i]);
            result[i] = mode == WriteMode.Accumulate ? result[i] + value : value;
        }

        this.WriteFloats(destination, result);
    }
}

using System.Runtime.InteropServices;

namespace BiPE.Core.Checkpoints.Safetensors;

/// <summary>One tensor to write into a safetensors file: its name, type, shape and where its elements come from.</summary>
public sealed class SafetensorsTensor
{
    private const int ChunkElements = 1 << 16;

    private readonly Action<Stream> _write;

    private SafetensorsTensor(string name, SafetensorsType type, IReadOnlyList<long> shape, Func<SafetensorsTensor, Action<Stream>> writer)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(shape);
        long count = 1;
        foreach (long extent in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(extent, nameof(shape));
            count = checked(count * extent);
        }

        Name = name;
        Type = type;
        Shape = [.. shape];
        Count = count;
        ByteCount = checked(count * SafetensorsTypes.SizeOf(type));
        _write = writer(this);
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>The type of its elements in the file.</summary>
    public SafetensorsType Type { get; }

    /// <summary>Its extents, outermost first; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    internal long ByteCount { get; }

    /// <summary>A tensor of numbers held as float32.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Float32, or Float16 or BFloat16, to which elements are rounded (nearest, ties to even; too large: infinity).</param>
    /// <param name="shape">Its extents, outermost first.</param>
    /// <param name="fill">Gives the elements, called for consecutive ranges.</param>
    /// <exception cref="ArgumentException">The type is another, or an extent is negative.</exception>
    public static SafetensorsTensor OfFloats(string name, SafetensorsType type, IReadOnlyList<long> shape, SafetensorsFill<float> fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        return type switch
        {
            SafetensorsType.Float32 => Create<float, float>(name, type, shape, fill, static (values, target) => values.CopyTo(target)),
            SafetensorsType.Float16 => Create<float, Half>(name, type, shape, fill, FloatConversion.ToHalf),
            SafetensorsType.BFloat16 => Create<float, ushort>(name, type, shape, fill, FloatConversion.ToBFloat16),
            _ => throw new ArgumentException($"Type {type} is not written from float32; use Float32, Float16 or BFloat16.", nameof(type)),
        };
    }

    /// <summary>A tensor of float64.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its extents, outermost first.</param>
    /// <param name="fill">Gives the elements, called for consecutive ranges.</param>
    /// <exception cref="ArgumentException">An extent is negative.</exception>
    public static SafetensorsTensor OfDoubles(string name, IReadOnlyList<long> shape, SafetensorsFill<double> fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        return Create<double, double>(name, SafetensorsType.Float64, shape, fill, static (values, target) => values.CopyTo(target));
    }

    /// <summary>A tensor of integers.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Int64 or Int32; writing throws <see cref="OverflowException"/> where an element does not fit.</param>
    /// <param name="shape">Its extents, outermost first.</param>
    /// <param name="fill">Gives the elements, called for consecutive ranges.</param>
    /// <exception cref="ArgumentException">The type is another, or an extent is negative.</exception>
    public static SafetensorsTensor OfIntegers(string name, SafetensorsType type, IReadOnlyList<long> shape, SafetensorsFill<long> fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        return type switch
        {
            SafetensorsType.Int64 => Create<long, long>(name, type, shape, fill, static (values, target) => values.CopyTo(target)),
            SafetensorsType.Int32 => Create<long, int>(name, type, shape, fill, static (values, target) =>
            {
                for (int i = 0; i < values.Length; i++)
                {
                    target[i] = checked((int)values[i]);
                }
            }),
            _ => throw new ArgumentException($"Type {type} is not written from integers; use Int64 or Int32.", nameof(type)),
        };
    }

    internal void WriteTo(Stream stream) => _write(stream);

    private delegate void Conversion<TSource, TTarget>(ReadOnlySpan<TSource> source, Span<TTarget> target);

    private static SafetensorsTensor Create<TSource, TTarget>(
        string name, SafetensorsType type, IReadOnlyList<long> shape, SafetensorsFill<TSource> fill, Conversion<TSource, TTarget> convert)
        where TSource : unmanaged
        where TTarget : unmanaged
        => new(name, type, shape, tensor => stream =>
        {
            int chunk = (int)Math.Min(tensor.Count, ChunkElements);
            var values = new TSource[chunk];
            var converted = new TTarget[chunk];
            for (long first = 0; first < tensor.Count; first += chunk)
            {
                int count = (int)Math.Min(chunk, tensor.Count - first);
                fill(first, values.AsSpan(0, count));
                convert(values.AsSpan(0, count), converted);
                stream.Write(MemoryMarshal.AsBytes(converted.AsSpan(0, count)));
            }
        });
}

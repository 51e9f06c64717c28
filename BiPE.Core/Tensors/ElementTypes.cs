namespace BiPE.Core.Tensors;

/// <summary>Facts about element types.</summary>
public static class ElementTypes
{
    /// <summary>Bytes an element takes.</summary>
    /// <param name="type">Element type.</param>
    public static int ByteSize(this ElementType type) => type switch
    {
        ElementType.Float32 or ElementType.Int32 => 4,
        ElementType.BFloat16 => 2,
        ElementType.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown element type."),
    };

    /// <summary>Element type that a host type holds: float, double, int, or ushort for bfloat16's bits.</summary>
    /// <typeparam name="T">Host type.</typeparam>
    /// <exception cref="NotSupportedException">No element type is held in <typeparamref name="T"/>.</exception>
    public static ElementType Of<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            return ElementType.Float32;
        }

        if (typeof(T) == typeof(double))
        {
            return ElementType.Float64;
        }

        if (typeof(T) == typeof(int))
        {
            return ElementType.Int32;
        }

        return typeof(T) == typeof(ushort)
            ? ElementType.BFloat16
            : throw new NotSupportedException($"Tensors do not hold {typeof(T).Name}; use float, double, int, or ushort for bfloat16's bits.");
    }
}

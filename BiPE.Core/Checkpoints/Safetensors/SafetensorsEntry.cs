namespace BiPE.Core.Checkpoints.Safetensors;

/// <summary>What the header of a safetensors file says about one tensor.</summary>
public sealed class SafetensorsEntry
{
    internal SafetensorsEntry(string name, SafetensorsType type, long[] shape, long count, long begin, long end)
    {
        Name = name;
        Type = type;
        Shape = shape;
        Count = count;
        Begin = begin;
        End = end;
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>The type of its elements.</summary>
    public SafetensorsType Type { get; }

    /// <summary>Its extents, outermost first; empty for a scalar. Elements are row-major.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Number of elements, the product of <see cref="Shape"/>.</summary>
    public long Count { get; }

    /// <summary>First byte, counted from the end of the header.</summary>
    internal long Begin { get; }

    /// <summary>One past the last byte, counted from the end of the header.</summary>
    internal long End { get; }
}

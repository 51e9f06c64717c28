using System.Globalization;

namespace BiPE.Core.Tensors;

/// <summary>Extents of a row-major tensor, outermost first; one to four axes.</summary>
public readonly struct Shape : IEquatable<Shape>
{
    private readonly int _first;
    private readonly int _second;
    private readonly int _third;
    private readonly int _fourth;

    /// <summary>Creates a shape.</summary>
    /// <param name="extents">One to four extents, none negative.</param>
    /// <exception cref="ArgumentException">There are no extents, more than four, or a negative one.</exception>
    public Shape(params ReadOnlySpan<int> extents)
    {
        if (extents.Length is < 1 or > 4)
        {
            throw new ArgumentException($"A shape has one to four axes, found {extents.Length}.", nameof(extents));
        }

        foreach (int extent in extents)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(extent, nameof(extents));
        }

        Rank = extents.Length;
        _first = extents[0];
        _second = extents.Length > 1 ? extents[1] : 1;
        _third = extents.Length > 2 ? extents[2] : 1;
        _fourth = extents.Length > 3 ? extents[3] : 1;
    }

    /// <summary>Number of axes.</summary>
    public int Rank { get; }

    /// <summary>Number of elements.</summary>
    public long Count => Rank == 0 ? 0 : (long)_first * _second * _third * _fourth;

    /// <summary>Extent of the innermost axis.</summary>
    public int Last => this[Rank - 1];

    /// <summary>Number of rows when all axes but the last are taken as one.</summary>
    public long RowCount => Last == 0 ? 0 : Count / Last;

    /// <summary>Extent of one axis.</summary>
    /// <param name="axis">0 for the outermost.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public int this[int axis]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(axis);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(axis, Rank);
            return axis switch { 0 => _first, 1 => _second, 2 => _third, _ => _fourth };
        }
    }

    /// <summary>Whether two shapes have the same axes.</summary>
    /// <param name="left">A shape.</param>
    /// <param name="right">Another.</param>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether two shapes differ.</summary>
    /// <param name="left">A shape.</param>
    /// <param name="right">Another.</param>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>The same shape with another outermost extent.</summary>
    /// <param name="extent">The new extent.</param>
    public Shape WithFirst(int extent) => Rank switch
    {
        1 => new Shape(extent),
        2 => new Shape(extent, _second),
        3 => new Shape(extent, _second, _third),
        _ => new Shape(extent, _second, _third, _fourth),
    };

    /// <inheritdoc/>
    public bool Equals(Shape other) =>
        Rank == other.Rank && _first == other._first && _second == other._second && _third == other._third && _fourth == other._fourth;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rank, _first, _second, _third, _fourth);

    /// <summary>The extents as <c>[2, 3]</c>.</summary>
    public override string ToString()
    {
        Shape self = this;
        return $"[{string.Join(", ", Enumerable.Range(0, Rank).Select(axis => self[axis].ToString(CultureInfo.InvariantCulture)))}]";
    }
}

namespace BiPE.Core.Tensors;

/// <summary>Options of a matrix product; the default is a plain product that replaces its destination.</summary>
public readonly record struct MatMulOptions
{
    private readonly double? _alpha;

    /// <summary>Whether the first factor is stored as <c>[K, M]</c>.</summary>
    public bool TransposeA { get; init; }

    /// <summary>Whether the second factor is stored as <c>[N, K]</c>, as weights are.</summary>
    public bool TransposeB { get; init; }

    /// <summary>Whether the product replaces the destination or is added to it.</summary>
    public WriteMode Mode { get; init; }

    /// <summary>Factor of the product, 1 unless set.</summary>
    public double Alpha
    {
        get => _alpha ?? 1;
        init => _alpha = value;
    }
}

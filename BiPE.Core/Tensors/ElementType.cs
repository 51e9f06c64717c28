namespace BiPE.Core.Tensors;

/// <summary>Type of a tensor's elements.</summary>
public enum ElementType
{
    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>16-bit floating point with float32's exponent, kept as its bits (<see cref="ushort"/>).</summary>
    BFloat16,

    /// <summary>32-bit integer: token ids, positions, labels.</summary>
    Int32,

    /// <summary>64-bit floating point; only backends made for checking compute in it.</summary>
    Float64,
}

namespace BiPE.Cpu.Simd;

/// <summary>Width of the vectors that kernels compute with.</summary>
public enum SimdWidth
{
    /// <summary>One element at a time.</summary>
    Scalar,

    /// <summary>Four float32.</summary>
    Bits128,

    /// <summary>Eight float32.</summary>
    Bits256,

    /// <summary>Sixteen float32.</summary>
    Bits512,
}

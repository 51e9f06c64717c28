using System.Runtime.Intrinsics;

namespace BiPE.Cpu.Simd;

/// <summary>Facts about vector widths on this machine.</summary>
public static class SimdWidths
{
    /// <summary>The widest that the machine computes in hardware.</summary>
    public static SimdWidth Widest
    {
        get
        {
            if (Vector512.IsHardwareAccelerated)
            {
                return SimdWidth.Bits512;
            }

            if (Vector256.IsHardwareAccelerated)
            {
                return SimdWidth.Bits256;
            }

            return Vector128.IsHardwareAccelerated ? SimdWidth.Bits128 : SimdWidth.Scalar;
        }
    }
}

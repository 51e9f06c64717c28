using System.Runtime.Intrinsics;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Tests.Simd;

/// <summary>All vector widths; those that the machine lacks run in software and must give the same.</summary>
internal static class Widths
{
    public static SimdWidth[] All => Enum.GetValues<SimdWidth>();

    /// <summary>Runs an action compiled for a width.</summary>
    public static void Run(SimdWidth width, IWidthAction action)
    {
        switch (width)
        {
            case SimdWidth.Bits512:
                action.Run<Simd512, Vector512<float>>();
                break;
            case SimdWidth.Bits256:
                action.Run<Simd256, Vector256<float>>();
                break;
            case SimdWidth.Bits128:
                action.Run<Simd128, Vector128<float>>();
                break;
            default:
                action.Run<SimdScalar, float>();
                break;
        }
    }
}

using System.Runtime.Intrinsics;
using BiPE.Core.Tensors;

namespace BiPE.Cpu.Kernels;

/// <summary>Widening of bfloat16 to float32, which is exact, so that all vector widths share it.</summary>
internal static unsafe class BFloat16Kernels
{
    private const int BlockInner = 64;

    /// <summary>Widens elements.</summary>
    /// <param name="destination">First element.</param>
    /// <param name="source">First element's bits.</param>
    /// <param name="count">Elements.</param>
    public static void Widen(float* destination, ushort* source, nint count)
    {
        nint i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i + 32 <= count; i += 32)
            {
                (Vector512<uint> lower, Vector512<uint> upper) = Vector512.Widen(Vector512.Load(source + i));
                (lower << 16).AsSingle().Store(destination + i);
                (upper << 16).AsSingle().Store(destination + i + 16);
            }
        }

        for (; i + 8 <= count; i += 8)
        {
            (Vector128<uint> lower, Vector128<uint> upper) = Vector128.Widen(Vector128.Load(source + i));
            (lower << 16).AsSingle().Store(destination + i);
            (upper << 16).AsSingle().Store(destination + i + 4);
        }

        for (; i < count; i++)
        {
            destination[i] = BFloat16Bits.ToSingle(source[i]);
        }
    }

    /// <summary>As <see cref="MatMulPacking.Pack"/>, from lanes of bfloat16 that run along the inner dimension.</summary>
    /// <inheritdoc cref="MatMulPacking.Pack" path="/param"/>
    public static void Pack(float* destination, nint panelStride, ushort* source, nint lanes, nint width, nint count, nint laneStride)
    {
        float* widened = stackalloc float[checked((int)width * BlockInner)];
        for (nint first = 0; first < lanes; first += width)
        {
            nint panelLanes = Math.Min(width, lanes - first);
            for (nint inner = 0; inner < count; inner += BlockInner)
            {
                nint innerCount = Math.Min(BlockInner, count - inner);
                for (nint lane = 0; lane < panelLanes; lane++)
                {
                    Widen(widened + (lane * innerCount), source + ((first + lane) * laneStride) + inner, innerCount);
                }

                MatMulPacking.Pack(
                    destination + (first / width * panelStride) + (inner * width), panelStride, widened, panelLanes, width, innerCount,
                    innerCount, innerStride: 1);
            }
        }
    }
}

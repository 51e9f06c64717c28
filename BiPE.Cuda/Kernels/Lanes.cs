using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>
/// Where a thread stands and what its warp or group adds up. Kernels that work on rows give each row to a warp, or where rows
/// are few and long to a group. Nothing here knows the size of a warp: the simulated device has smaller ones.
/// </summary>
internal static class Lanes
{
    /// <summary>Most warps of a group.</summary>
    public const int MostWarps = 32;

    /// <summary>Number of this thread's warp in its group.</summary>
    public static int WarpInGroup => (int)((uint)Group.IdxX / (uint)Warp.WarpSize);

    /// <summary>Warps in a group.</summary>
    public static int WarpsPerGroup => (int)((uint)Group.DimX / (uint)Warp.WarpSize);

    /// <summary>Number of this thread's warp among all.</summary>
    public static int GlobalWarp => (Grid.IdxX * WarpsPerGroup) + WarpInGroup;

    /// <summary>All warps.</summary>
    public static int WarpCount => Grid.DimX * WarpsPerGroup;

    /// <summary>Number of this thread among all.</summary>
    public static int GlobalThread => (Grid.IdxX * Group.DimX) + Group.IdxX;

    /// <summary>All threads.</summary>
    public static int ThreadCount => Grid.DimX * Group.DimX;

    /// <summary>
    /// A value that is the same in every lane, computed once and here: the compiler would move a division into the loops that use
    /// its result, but does not move what lanes exchange.
    /// </summary>
    public static int InPlace(int value) => Warp.Shuffle(value, 0);

    /// <summary>Sum over the warp, the same in every lane.</summary>
    public static float Sum(float value)
    {
        for (int distance = Warp.WarpSize / 2; distance > 0; distance >>= 1)
        {
            value += Warp.ShuffleXor(value, distance);
        }

        return value;
    }

    /// <summary>Largest of the warp, the same in every lane.</summary>
    public static float Largest(float value)
    {
        for (int distance = Warp.WarpSize / 2; distance > 0; distance >>= 1)
        {
            value = KernelMath.Larger(value, Warp.ShuffleXor(value, distance));
        }

        return value;
    }

    /// <summary>Sum over the group, in the order of the warps, the same in every thread.</summary>
    /// <param name="value">This thread's part.</param>
    /// <param name="shared">Shared memory of <see cref="MostWarps"/> elements.</param>
    public static float GroupSum(float value, ArrayView<float> shared)
    {
        value = Sum(value);
        if (Warp.LaneIdx == 0)
        {
            shared[WarpInGroup] = value;
        }

        Group.Barrier();
        float sum = 0f;
        for (int warp = 0; warp < WarpsPerGroup; warp++)
        {
            sum += shared[warp];
        }

        Group.Barrier();
        return sum;
    }

    /// <summary>Largest of the group, the same in every thread.</summary>
    /// <param name="value">This thread's part.</param>
    /// <param name="shared">Shared memory of <see cref="MostWarps"/> elements.</param>
    public static float GroupLargest(float value, ArrayView<float> shared)
    {
        value = Largest(value);
        if (Warp.LaneIdx == 0)
        {
            shared[WarpInGroup] = value;
        }

        Group.Barrier();
        float largest = shared[0];
        for (int warp = 1; warp < WarpsPerGroup; warp++)
        {
            largest = KernelMath.Larger(largest, shared[warp]);
        }

        Group.Barrier();
        return largest;
    }
}

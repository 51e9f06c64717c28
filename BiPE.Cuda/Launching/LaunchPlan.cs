using ILGPU.Runtime;

namespace BiPE.Cuda.Launching;

/// <summary>How many threads kernels are started with. Results do not depend on it, except for how reductions are grouped.</summary>
/// <param name="WarpSize">Threads of a warp.</param>
/// <param name="ThreadGroup">Threads of a group where threads work alone.</param>
/// <param name="WarpGroup">Threads of a group where a warp or a group works together, at most 32 warps.</param>
/// <param name="MostGroups">Groups of one kernel; kernels walk in strides through what is more than all threads take at once.</param>
/// <param name="ProductEdge">Threads along each side of a matrix product's tile.</param>
internal sealed record LaunchPlan(int WarpSize, int ThreadGroup, int WarpGroup, int MostGroups, int ProductEdge)
{
    /// <summary>The plan for a device.</summary>
    /// <param name="accelerator">The device.</param>
    public static LaunchPlan For(Accelerator accelerator)
    {
        if (accelerator.AcceleratorType == AcceleratorType.CPU)
        {
            // The simulated device has a thread of the system for each of its own, and they wait for each other at every barrier.
            int warps = accelerator.MaxNumThreadsPerGroup / accelerator.WarpSize;
            return new LaunchPlan(accelerator.WarpSize, ThreadGroup: 1, accelerator.MaxNumThreadsPerGroup, MostGroups: 1, ProductEdge: warps);
        }

        return ForDevice(accelerator.WarpSize, accelerator.NumMultiprocessors);
    }

    /// <summary>The plan for a real device.</summary>
    /// <param name="warpSize">Threads of a warp.</param>
    /// <param name="multiprocessors">How many it has.</param>
    public static LaunchPlan ForDevice(int warpSize, int multiprocessors) =>

        // 256 threads with up to 64 registers each: four groups and more share a multiprocessor. Several rounds of groups keep the
        // last round's share of the time small where rows differ in length, as causal ones do.
        new(warpSize, ThreadGroup: 256, WarpGroup: 256, multiprocessors * 64, ProductEdge: 16);

    /// <summary>Groups for some number of threads that work alone.</summary>
    /// <param name="threads">Threads that have work.</param>
    public int GroupsOfThreads(long threads) => Groups((threads + ThreadGroup - 1) / ThreadGroup);

    /// <summary>Groups for some number of warps.</summary>
    /// <param name="warps">Warps that have work.</param>
    public int GroupsOfWarps(long warps) => Groups((warps + (WarpGroup / WarpSize) - 1) / (WarpGroup / WarpSize));

    /// <summary>Groups for work that takes a group for each item.</summary>
    /// <param name="items">Items.</param>
    public int Groups(long items) => (int)Math.Clamp(items, 1, MostGroups);
}

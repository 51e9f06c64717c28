using ILGPU;
using ILGPU.Runtime;

namespace BiPE.Cuda.Launching;

/// <summary>Kernels of a device, real or simulated.</summary>
/// <param name="accelerator">The device.</param>
internal sealed class AcceleratorKernels(Accelerator accelerator) : IKernelLoader
{
    public LaunchPlan Plan { get; } = LaunchPlan.For(accelerator);

    public Action<AcceleratorStream, KernelConfig, TArguments> Load<TArguments>(Action<TArguments> kernel)
        where TArguments : struct => accelerator.LoadKernel(kernel);
}

using ILGPU;
using ILGPU.Runtime;

namespace BiPE.Cuda.Launching;

/// <summary>Makes kernels that can be started.</summary>
internal interface IKernelLoader
{
    /// <summary>Numbers of threads that kernels are to be started with.</summary>
    LaunchPlan Plan { get; }

    /// <summary>Compiles a kernel.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <returns>What starts it on a stream, with a number of groups and of threads of each, and its operands.</returns>
    Action<AcceleratorStream, KernelConfig, TArguments> Load<TArguments>(Action<TArguments> kernel)
        where TArguments : struct;
}

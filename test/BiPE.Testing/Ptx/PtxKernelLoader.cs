using System.Collections.Concurrent;
using System.Reflection;
using BiPE.Cuda;
using BiPE.Cuda.Launching;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace BiPE.Testing.Ptx;

/// <summary>Compiles kernels to PTX as for a device, and runs that.</summary>
/// <param name="architecture">The device's.</param>
/// <param name="instructionSet">What its driver reads.</param>
internal sealed class PtxKernelLoader(CudaArchitecture architecture, CudaInstructionSet instructionSet) : IKernelLoader
{
    private readonly ConcurrentDictionary<MethodInfo, PtxProgram> _programs = new();

    private readonly Lazy<PTXBackend> _compiler = new(() => new PTXBackend(
        Context.Create(builder => CudaBackend.Configure(builder)), new CudaCapabilityContext(architecture), architecture, instructionSet, null!));

    /// <summary>A device's groups, but so few at once that kernels walk in strides here, too.</summary>
    public LaunchPlan Plan { get; } = LaunchPlan.ForDevice(warpSize: PtxWarp.Lanes, multiprocessors: 1);

    /// <inheritdoc/>
    public Action<AcceleratorStream, KernelConfig, TArguments> Load<TArguments>(Action<TArguments> kernel)
        where TArguments : struct
    {
        PtxProgram program = _programs.GetOrAdd(kernel.Method, Compile);
        return (stream, config, operands) =>
        {
            stream.Synchronize();
            PtxArguments arguments = PtxArguments.Of(operands);
            PtxGrid.Run(program, config.GridDim.X, config.GroupDim.X, arguments.Bytes, arguments.Views);
        };
    }

    private PtxProgram Compile(MethodInfo kernel)
    {
        EntryPointDescription entry = EntryPointDescription.FromExplicitlyGroupedKernel(kernel);
        return PtxProgram.Parse(((PTXCompiledKernel)_compiler.Value.Compile(entry, KernelSpecialization.Empty)).PTXAssembly);
    }
}

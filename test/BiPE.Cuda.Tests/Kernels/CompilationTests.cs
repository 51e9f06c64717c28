using System.Reflection;
using System.Text.RegularExpressions;
using BiPE.Cuda.Kernels;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda.Tests.Kernels;

/// <summary>Every kernel compiles to the assembly of every supported generation of devices, without a device.</summary>
public sealed class CompilationTests
{
    private static readonly (CudaArchitecture Architecture, CudaInstructionSet InstructionSet)[] Targets =
    [
        (CudaArchitecture.SM_75, CudaInstructionSet.ISA_63), (CudaArchitecture.SM_80, CudaInstructionSet.ISA_70),
        (CudaArchitecture.SM_90, CudaInstructionSet.ISA_80), (CudaArchitecture.SM_100, CudaInstructionSet.ISA_86),
    ];

    /// <summary>
    /// Kernels whose time is not that of moving their operands: products, sums of a few parts, scans and searches in small tables.
    /// </summary>
    private static readonly string[] ComputesOrWaits =
    [
        nameof(ProductKernels.Multiply), nameof(RowsKernels.FindFirsts), nameof(SoftmaxKernels.CumulativeSum), nameof(TrainingKernels.SquareTotal),
        nameof(ColumnSumKernels.Total), nameof(AttentionKernels.FindFirstKeys), nameof(AttentionKernels.BiasGradient),
    ];

    /// <summary>Kernels that read much and write one number.</summary>
    private static readonly string[] WritesOneNumber = [nameof(TrainingKernels.SquareParts)];

    private static IEnumerable<string> Architectures() => Targets.Select(target => target.Architecture.ToString());

    [TestCaseSource(nameof(Architectures))]
    public void EveryKernelCompilesFor(string architecture)
    {
        using Context context = Context.Create(builder => CudaBackend.Configure(builder));
        using PTXBackend backend = BackendFor(context, architecture);
        MethodInfo[] kernels = [.. KernelList.All()];
        Assert.That(kernels, Has.Length.GreaterThan(60));
        var failures = new List<string>();
        foreach (MethodInfo kernel in kernels)
        {
            try
            {
                string assembly = Compile(backend, kernel);
                if (!assembly.Contains(".visible .entry", StringComparison.Ordinal))
                {
                    failures.Add($"{KernelList.Describe(kernel)}: no entry point");
                }
            }
            catch (InternalCompilerException e)
            {
                failures.Add($"{KernelList.Describe(kernel)}: {e.InnerException?.Message ?? e.Message}");
            }
        }

        Assert.That(failures, Is.Empty, string.Join(Environment.NewLine, failures));
    }

    [Test]
    public void KernelsBoundByMemoryReadAndWrite16BytesAtOnce()
    {
        using Context context = Context.Create(builder => CudaBackend.Configure(builder));
        using PTXBackend backend = BackendFor(context, CudaArchitecture.SM_80.ToString());
        var failures = new List<string>();
        // Interpolation reads two neighbouring columns wherever a position says, one thread a position.
        IEnumerable<MethodInfo> streaming = KernelList.All().Where(
            kernel => !ComputesOrWaits.Contains(kernel.Name) && kernel.DeclaringType != typeof(InterpolationKernels));
        foreach (MethodInfo kernel in streaming)
        {
            string assembly = Compile(backend, kernel);
            bool reads = kernel.Name == nameof(ElementwiseKernels.Fill) || Regex.IsMatch(assembly, @"ld\.global\.v4\.(b|f|u)32");
            bool writes = WritesOneNumber.Contains(kernel.Name) || Regex.IsMatch(assembly, @"st\.global\.v4\.(b|f|u)32");
            if (!reads || !writes)
            {
                failures.Add($"{KernelList.Describe(kernel)}: {(reads ? "reads" : "does not read")} and {(writes ? "writes" : "does not write")} 16 bytes at once");
            }
        }

        Assert.That(failures, Is.Empty, string.Join(Environment.NewLine, failures));
    }

    [Test]
    public void NoKernelKeepsValuesInLocalMemory()
    {
        // Local memory is device memory: an octet that the compiler could not keep in registers would cost more than it saves.
        using Context context = Context.Create(builder => CudaBackend.Configure(builder));
        using PTXBackend backend = BackendFor(context, CudaArchitecture.SM_80.ToString());
        string[] found = [.. KernelList.All().Where(kernel => Regex.IsMatch(Compile(backend, kernel), @"\.local\s")).Select(KernelList.Describe)];
        Assert.That(found, Is.Empty);
    }

    private static PTXBackend BackendFor(Context context, string architecture)
    {
        (CudaArchitecture target, CudaInstructionSet set) = Targets.Single(pair => pair.Architecture.ToString() == architecture);
        return new PTXBackend(context, new CudaCapabilityContext(target), target, set, null!);
    }

    private static string Compile(PTXBackend backend, MethodInfo kernel) =>
        ((PTXCompiledKernel)backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel), KernelSpecialization.Empty)).PTXAssembly;
}

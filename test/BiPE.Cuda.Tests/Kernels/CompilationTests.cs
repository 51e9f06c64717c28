using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using BiPE.Cuda.Kernels;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda.Tests.Kernels;

/// <summary>
/// Every kernel compiles, without a device, to the assembly of the oldest and of the newest supported generation of devices. For those between,
/// the compiler writes the same but for the header.
/// </summary>
public sealed class CompilationTests
{
    private static readonly (CudaArchitecture Architecture, CudaInstructionSet InstructionSet)[] Targets =
    [
        (CudaArchitecture.SM_75, CudaInstructionSet.ISA_63), (CudaArchitecture.SM_100, CudaInstructionSet.ISA_86),
    ];

    /// <summary>
    /// Kernels whose time is not that of moving their operands: products, sums of a few parts, scans and searches in small tables.
    /// </summary>
    private static readonly string[] ComputesOrWaits =
    [
        nameof(ProductKernels.Multiply), nameof(RowsKernels.FindFirsts), nameof(SoftmaxKernels.CumulativeSum), nameof(TrainingKernels.SquareTotal),
        nameof(ColumnSumKernels.Total), nameof(AttentionKernels.FindFirstKeys), nameof(AttentionKernels.DistanceGradient),
        nameof(AttentionKernels.PairGradient),
    ];

    /// <summary>Kernels that read much and write one number.</summary>
    private static readonly string[] WritesOneNumber = [nameof(TrainingKernels.SquareParts)];

    private static readonly ConcurrentDictionary<CudaArchitecture, IReadOnlyList<Compiled>> Known = new();

    private static IEnumerable<CudaArchitecture> Architectures() => Targets.Select(target => target.Architecture);

    [TestCaseSource(nameof(Architectures))]
    public void EveryKernelCompilesFor(CudaArchitecture architecture)
    {
        IReadOnlyList<Compiled> kernels = CompiledFor(architecture);
        string[] failures =
        [
            .. kernels.Where(compiled => compiled.Failure is not null || !compiled.Assembly.Contains(".visible .entry", StringComparison.Ordinal))
                .Select(compiled => $"{KernelList.Describe(compiled.Kernel)}: {compiled.Failure ?? "no entry point"}"),
        ];

        Assert.That(kernels, Has.Count.GreaterThan(60));
        Assert.That(failures, Is.Empty, string.Join(Environment.NewLine, failures));
    }

    [Test]
    public void KernelsBoundByMemoryReadAndWrite16BytesAtOnce()
    {
        var failures = new List<string>();
        foreach ((MethodInfo kernel, string assembly, _) in CompiledFor(CudaArchitecture.SM_100))
        {
            // Interpolation reads two neighbouring columns wherever a position says, one thread a position.
            if (ComputesOrWaits.Contains(kernel.Name) || kernel.DeclaringType == typeof(InterpolationKernels))
            {
                continue;
            }

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
        string[] found =
        [
            .. CompiledFor(CudaArchitecture.SM_100).Where(compiled => Regex.IsMatch(compiled.Assembly, @"\.local\s"))
                .Select(compiled => KernelList.Describe(compiled.Kernel)),
        ];
        Assert.That(found, Is.Empty);
    }

    [Test]
    public void NoBranchThatLanesDecideIsMarkedAsTheSameForTheWarp()
    {
        string[] found =
        [
            .. CompiledFor(CudaArchitecture.SM_100).SelectMany(compiled => DivergentBranches.In(compiled.Assembly)
                .Select(branch => $"{KernelList.Describe(compiled.Kernel)}: {branch}")),
        ];
        Assert.That(found, Is.Empty, string.Join(Environment.NewLine, found));
    }

    [Test]
    public void SuchABranchIsFoundWhereTheCompilerMarksItWrongly() => Assert.That(
        DivergentBranches.In(Compile(typeof(CompilationTests).GetMethod(nameof(WalkFromSearch))!).Assembly), Is.Not.Empty);

    /// <summary>A kernel that the compiler takes for the same in all lanes, since only later rounds of its search make them differ.</summary>
    /// <param name="positions">What is searched.</param>
    /// <param name="counts">How often each lane's number is there.</param>
    public static void WalkFromSearch(ArrayView<int> positions, ArrayView<int> counts)
    {
        int wanted = Warp.LaneIdx;
        int low = 0;
        int high = positions.IntLength;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            bool before = positions[middle] < wanted;
            low = before ? middle + 1 : low;
            high = before ? high : middle;
        }

        int count = 0;
        while (low < positions.IntLength && positions[low] == wanted)
        {
            low++;
            count++;
        }

        counts[wanted] = count;
    }

    private static IReadOnlyList<Compiled> CompiledFor(CudaArchitecture architecture) => Known.GetOrAdd(architecture, _ =>
    {
        using Context context = Context.Create(builder => CudaBackend.Configure(builder));
        CudaInstructionSet set = Targets.Single(target => target.Architecture == architecture).InstructionSet;
        using var backend = new PTXBackend(context, new CudaCapabilityContext(architecture), architecture, set, null!);
        return [.. KernelList.All().Select(kernel => Compile(backend, kernel))];
    });

    private static Compiled Compile(MethodInfo kernel)
    {
        using Context context = Context.Create(builder => CudaBackend.Configure(builder));
        using var backend = new PTXBackend(
            context, new CudaCapabilityContext(CudaArchitecture.SM_100), CudaArchitecture.SM_100, CudaInstructionSet.ISA_86, null!);
        return Compile(backend, kernel);
    }

    private static Compiled Compile(PTXBackend backend, MethodInfo kernel)
    {
        try
        {
            var compiled = (PTXCompiledKernel)backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel), KernelSpecialization.Empty);
            return new Compiled(kernel, compiled.PTXAssembly, null);
        }
        catch (InternalCompilerException e)
        {
            return new Compiled(kernel, "", e.InnerException?.Message ?? e.Message);
        }
    }

    private sealed record Compiled(MethodInfo Kernel, string Assembly, string? Failure);
}

using BiPE.Core.Tensors;
using BiPE.Testing.Ptx;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda.Tests.Ptx;

/// <summary>Kernels that are known to part at a uniform branch still do; once one does not, it is no longer to be excepted.</summary>
public sealed class KnownDivergenceTests
{
    [Test]
    public void BiasGradientPartsAtAUniformBranch()
    {
        var kernels = new PtxKernelLoader(CudaArchitecture.SM_75, CudaInstructionSet.ISA_63);
        using CudaBackend backend = CudaBackend.OpenSimulated(CudaPrecision.Float32, warpSize: 2, warps: 1, kernels: kernels);
        AttentionArguments arguments = AttentionArguments.FromPacked(Filled(1, 9, 3, 8), 1, 1, 0.5) with
        {
            Bias = new AttentionBias(AttentionBiasKind.PerDistance, Filled(1, 9), Positions(9)),
        };
        Tensor output = Filled(1, 9, 1, 8);
        Tensor logSumExp = Filled(1, 1, 9);
        var gradients = new AttentionGradients(Filled(1, 9, 3, 8), WriteMode.Overwrite, Filled(1, 9));
        backend.Attention(output, logSumExp, arguments);

        Assert.That(
            () => backend.AttentionBackward(gradients, Filled(1, 9, 1, 8), output, logSumExp, arguments),
            Throws.TypeOf<PtxFaultException>().With.Message.Contains("Kernel_BiasGradient").And.Message.Contains("said to be uniform"));

        Tensor Filled(params int[] extents)
        {
            Tensor tensor = backend.Allocate(new Shape(extents), ElementType.Float32);
            backend.Fill(tensor, 0.25);
            return tensor;
        }

        Tensor Positions(int count)
        {
            Tensor tensor = backend.Allocate(new Shape(1, count), ElementType.Int32);
            backend.Upload<int>(tensor, [.. Enumerable.Range(0, count)]);
            return tensor;
        }
    }
}

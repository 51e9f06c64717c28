using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

public sealed partial class Tape
{
    /// <summary>a b or a b^T for each group.</summary>
    /// <param name="a"><c>[groups, M, K]</c>.</param>
    /// <param name="b"><c>[groups, K, N]</c>, or <c>[groups, N, K]</c> transposed.</param>
    /// <param name="transposeB">Whether b is stored transposed.</param>
    /// <returns><c>[groups, M, N]</c>.</returns>
    public Variable BatchedMatMul(Variable a, Variable b, bool transposeB = false)
    {
        Use(a);
        Use(b);
        Tensor value = Scope.Allocate(new Shape(a.Shape[0], a.Shape[1], b.Shape[transposeB ? 1 : 2]));
        Backend.BatchedMatMul(value, a.Value, b.Value, new MatMulOptions { TransposeB = transposeB });
        return Record(value, a.RequiresGradient || b.RequiresGradient, output => new BatchedMatMulNode(output, a, b, transposeB));
    }

    private sealed class BatchedMatMulNode(Variable output, Variable a, Variable b, bool transposeB) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            Tensor gradient = gradients.OfOutput;
            if (a.RequiresGradient)
            {
                Tensor destination = gradients.Open(a, out WriteMode mode);
                backend.BatchedMatMul(destination, gradient, b.Value, new MatMulOptions { TransposeB = !transposeB, Mode = mode });
            }

            if (b.RequiresGradient)
            {
                Tensor destination = gradients.Open(b, out WriteMode mode);
                var options = new MatMulOptions { TransposeA = true, Mode = mode };
                if (transposeB)
                {
                    backend.BatchedMatMul(destination, gradient, a.Value, options);
                }
                else
                {
                    backend.BatchedMatMul(destination, a.Value, gradient, options);
                }
            }
        }
    }
}

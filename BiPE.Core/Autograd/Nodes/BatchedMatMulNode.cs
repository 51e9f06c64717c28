using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

public sealed partial class Tape
{
    /// <summary>a b or a b^T for each group.</summary>
    /// <param name="a"><c>[groups, M, K]</c>.</param>
    /// <param name="b">
    /// <c>[groups, K, N]</c>, or <c>[groups, N, K]</c> transposed. With fewer groups, each is shared by as many neighbours of a, as heads
    /// share keys; two axes are one group.
    /// </param>
    /// <param name="transposeB">Whether b is stored transposed.</param>
    /// <returns><c>[groups, M, N]</c>.</returns>
    /// <exception cref="ArgumentException">The number of b's groups does not divide that of a's.</exception>
    public Variable BatchedMatMul(Variable a, Variable b, bool transposeB = false)
    {
        Use(a);
        Use(b);
        Tensor shared = WithGroups(b.Value);
        if (a.Shape[0] % shared.Shape[0] != 0)
        {
            throw new ArgumentException($"BatchedMatMul: 'a' is {a.Shape} and 'b' {b.Shape}, expected groups of a in a multiple of those of b.", nameof(b));
        }

        Tensor value = Scope.Allocate(new Shape(a.Shape[0], a.Shape[1], shared.Shape[transposeB ? 1 : 2]), a.Value.Type);
        Backend.BatchedMatMul(Joined(value, shared), Joined(a.Value, shared), shared, new MatMulOptions { TransposeB = transposeB });
        return Record(value, a.RequiresGradient || b.RequiresGradient, output => new BatchedMatMulNode(output, a, b, transposeB));
    }

    private static Tensor WithGroups(Tensor b) => b.Shape.Rank == 2 ? b.Reshape(1, b.Shape[0], b.Shape[1]) : b;

    /// <summary>Neighbouring groups with the same b as one, which is only another look at the same rows.</summary>
    private static Tensor Joined(Tensor tensor, Tensor b) => tensor.Reshape(
        b.Shape[0], tensor.Shape[0] / b.Shape[0] * tensor.Shape[1], tensor.Shape[2]);

    private sealed class BatchedMatMulNode(Variable output, Variable a, Variable b, bool transposeB) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            Tensor shared = WithGroups(b.Value);
            Tensor gradient = Joined(gradients.OfOutput, shared);
            if (a.RequiresGradient)
            {
                Tensor destination = Joined(gradients.Open(a, out WriteMode mode), shared);
                backend.BatchedMatMul(destination, gradient, shared, new MatMulOptions { TransposeB = !transposeB, Mode = mode });
            }

            if (b.RequiresGradient)
            {
                Tensor destination = WithGroups(gradients.Open(b, out WriteMode mode));
                Tensor left = Joined(a.Value, shared);
                var options = new MatMulOptions { TransposeA = true, Mode = mode };
                if (transposeB)
                {
                    backend.BatchedMatMul(destination, gradient, left, options);
                }
                else
                {
                    backend.BatchedMatMul(destination, left, gradient, options);
                }
            }
        }
    }
}

using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

public sealed partial class Tape
{
    /// <summary>x W^T, a linear layer without bias.</summary>
    /// <param name="x"><c>[N, K]</c>.</param>
    /// <param name="weight"><c>[M, K]</c>.</param>
    /// <returns><c>[N, M]</c>.</returns>
    public Variable MatMul(Variable x, Variable weight)
    {
        Use(x);
        Use(weight);
        return Record(
            Compute(), x.RequiresGradient || weight.RequiresGradient, output => new MatMulNode(output, x, weight, addend: null),
            new Recomputation(Scope, Compute, IsProduct: true));

        Tensor Compute()
        {
            Tensor value = Scope.Allocate(new Shape(x.Shape[0], weight.Shape[0]), x.Type);
            Backend.MatMul(value, x.Value, weight.Value, new MatMulOptions { TransposeB = true });
            return value;
        }
    }

    /// <summary>addend + x W^T, a linear layer whose result joins the residual stream.</summary>
    /// <param name="addend"><c>[N, M]</c>.</param>
    /// <param name="x"><c>[N, K]</c>.</param>
    /// <param name="weight"><c>[M, K]</c>.</param>
    /// <returns><c>[N, M]</c>.</returns>
    public Variable MatMulAdd(Variable addend, Variable x, Variable weight)
    {
        Use(addend);
        Use(x);
        Use(weight);
        Tensor value = Scope.Allocate(addend.Shape);
        Backend.Copy(value, addend.Value);
        Backend.MatMul(value, x.Value, weight.Value, new MatMulOptions { TransposeB = true, Mode = WriteMode.Accumulate });
        return Record(
            value, addend.RequiresGradient || x.RequiresGradient || weight.RequiresGradient,
            output => new MatMulNode(output, x, weight, addend));
    }

    private sealed class MatMulNode(Variable output, Variable x, Variable weight, Variable? addend) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            if (weight.RequiresGradient)
            {
                Tensor destination = gradients.Open(weight, out WriteMode mode);
                backend.MatMul(destination, gradients.OfOutput, x.Value, new MatMulOptions { TransposeA = true, Mode = mode });
                if (x is { WasForgotten: true, UseCount: 1 })
                {
                    // This was all that it was computed again for, and the input's gradient needs as much memory.
                    x.Forget();
                }
            }

            if (x.RequiresGradient)
            {
                Tensor destination = gradients.Open(x, out WriteMode mode);
                backend.MatMul(destination, gradients.OfOutput, weight.Value, new MatMulOptions { Mode = mode });
            }

            if (addend is not null)
            {
                gradients.Give(addend, gradients.OfOutput);
            }
        }
    }
}

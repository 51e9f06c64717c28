using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

public sealed partial class Tape
{
    /// <summary>Adds one row to every row of a variable, taking over its memory: nothing else may read it.</summary>
    /// <param name="x"><c>[N, M]</c>.</param>
    /// <param name="bias"><c>[M]</c>, or null, which gives x itself.</param>
    /// <returns><c>[N, M]</c>.</returns>
    public Variable AddBiasInPlace(Variable x, Variable? bias)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (bias is null)
        {
            return x;
        }

        TakeOver(x);
        Use(bias);

        return Record(
            Add(x.Value), x.RequiresGradient || bias.RequiresGradient, output => new BiasNode(output, x, bias),
            x.Recomputation is { } product ? product with { Compute = () => Add(product.Compute()) } : null);

        Tensor Add(Tensor sum)
        {
            // Backends do not broadcast; the bias is a table of one row that every row looks up.
            Tensor firstRow = Scope.Allocate(new Shape(sum.Shape[0]), ElementType.Int32);
            Backend.Fill(firstRow, 0);
            Backend.GatherRows(sum, bias.Value.Reshape(1, bias.Shape[0]), firstRow, WriteMode.Accumulate);
            Scope.Release(firstRow);
            return sum;
        }
    }

    private sealed class BiasNode(Variable output, Variable x, Variable bias) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            if (bias.RequiresGradient)
            {
                Tensor destination = gradients.Open(bias, out WriteMode mode);
                backend.SumRows(destination, gradients.OfOutput, mode);
            }

            gradients.Give(x, gradients.OfOutput);
        }
    }
}

using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

public sealed partial class Tape
{
    /// <summary>Softmax along the last axis; see <see cref="ITensorBackend.SoftmaxRows"/>.</summary>
    /// <param name="scores"><c>[..., queries, keys]</c>.</param>
    /// <param name="causal">Whether the causal mask is applied.</param>
    public Variable SoftmaxRows(Variable scores, bool causal)
    {
        Use(scores);
        Tensor value = Scope.Allocate(scores.Shape);
        Backend.SoftmaxRows(value, scores.Value, causal);
        Variable result = Record(value, scores.RequiresGradient, output => new SoftmaxRowsNode(output, scores));
        result.IsSavedByProducer = true;
        return result;
    }

    /// <summary>Running sums along the last axis.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="fromEnd">Whether sums run from the end.</param>
    public Variable CumulativeSum(Variable x, bool fromEnd)
    {
        Use(x);
        Tensor value = Scope.Allocate(x.Shape);
        Backend.CumulativeSum(value, x.Value, fromEnd);
        return Record(value, x.RequiresGradient, output => new CumulativeSumNode(output, x, fromEnd));
    }

    private sealed class SoftmaxRowsNode(Variable output, Variable scores) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            backend.SoftmaxRowsBackward(gradients.OfOutput, gradients.OfOutput, Output.Value);
            gradients.Give(scores, gradients.OfOutput);
        }
    }

    private sealed class CumulativeSumNode(Variable output, Variable x, bool fromEnd) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            backend.CumulativeSum(gradients.OfOutput, gradients.OfOutput, !fromEnd);
            gradients.Give(x, gradients.OfOutput);
        }
    }
}

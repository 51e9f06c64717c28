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
        Tensor value = Scope.Allocate(scores.Shape, scores.Value.Type);
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
        Tensor value = Scope.Allocate(x.Shape, x.Value.Type);
        Backend.CumulativeSum(value, x.Value, fromEnd);
        return Record(value, x.RequiresGradient, output => new CumulativeSumNode(output, x, fromEnd));
    }

    /// <summary>table[n, positions[n, k]], between columns; see <see cref="ITensorBackend.InterpolateRows"/>.</summary>
    /// <param name="table"><c>[N, M]</c>, or with more axes before the last.</param>
    /// <param name="positions"><c>[N, K]</c>, or with more axes before the last.</param>
    public Variable InterpolateRows(Variable table, Variable positions)
    {
        Use(table);
        Use(positions);
        Tensor value = Scope.Allocate(positions.Shape, positions.Value.Type);
        Backend.InterpolateRows(value, table.Value, positions.Value);
        return Record(
            value, table.RequiresGradient || positions.RequiresGradient, output => new InterpolateRowsNode(output, table, positions));
    }

    /// <summary>Multiplies every head's part by the mask of its row, taking over the memory: nothing else may read it.</summary>
    /// <param name="x"><c>[batch * heads, queries, keys]</c>.</param>
    /// <param name="mask"><c>[batch, queries, keys]</c> of the same type.</param>
    public Variable MaskInPlace(Variable x, Tensor mask)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(mask);
        TakeOver(x);
        MaskNode.Apply(Backend, x.Value, mask);
        return Record(x.Value, x.RequiresGradient, output => new MaskNode(output, x, mask));
    }

    /// <summary>Adds a constant to every head's part of its row, taking over the memory: nothing else may read it.</summary>
    /// <param name="x"><c>[batch * heads, queries, keys]</c>.</param>
    /// <param name="constant"><c>[batch, queries, keys]</c> of the same type; not needed afterwards.</param>
    public Variable ShiftInPlace(Variable x, Tensor constant)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(constant);
        TakeOver(x);
        int heads = x.Value.Shape[0] / constant.Shape[0];
        for (int group = 0; group < x.Value.Shape[0]; group++)
        {
            Backend.AddScaled(x.Value.Slice(group, 1), constant.Slice(group / heads, 1), 1);
        }

        return Record(x.Value, x.RequiresGradient, output => new ShiftNode(output, x));
    }

    private sealed class InterpolateRowsNode(Variable output, Variable table, Variable positions) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            Tensor tableGradient = gradients.Allocate(table.Shape, table.Value.Type);
            Tensor positionGradient = gradients.Allocate(positions.Shape, positions.Value.Type);
            backend.InterpolateRowsBackward(tableGradient, positionGradient, gradients.OfOutput, table.Value, positions.Value);
            gradients.Give(table, tableGradient);
            gradients.Give(positions, positionGradient);
        }
    }

    private sealed class MaskNode(Variable output, Variable x, Tensor mask) : TapeNode(output)
    {
        public static void Apply(ITensorBackend backend, Tensor values, Tensor mask)
        {
            int heads = values.Shape[0] / mask.Shape[0];
            for (int group = 0; group < values.Shape[0]; group++)
            {
                Tensor part = values.Slice(group, 1);
                backend.Multiply(part, part, mask.Slice(group / heads, 1));
            }
        }

        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            Apply(backend, gradients.OfOutput, mask);
            gradients.Give(x, gradients.OfOutput);
        }
    }

    private sealed class ShiftNode(Variable output, Variable x) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients) => gradients.Give(x, gradients.OfOutput);
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

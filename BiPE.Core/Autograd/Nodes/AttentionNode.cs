using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

public sealed partial class Tape
{
    /// <summary>Causal attention of packed queries, keys and values.</summary>
    /// <param name="packed"><c>[N, (heads + 2 keyValueHeads) * headDim]</c>.</param>
    /// <param name="shape">Sizes, and the factor of the scores.</param>
    /// <param name="bias">Bias, or null; its table may be learned.</param>
    /// <param name="documents">Int32 document numbers <c>[batch, time]</c>, or null.</param>
    /// <returns><c>[N, heads * headDim]</c>.</returns>
    public Variable Attention(Variable packed, AttentionShape shape, AttentionBiasVariable? bias, Tensor? documents = null)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Use(packed);
        if (bias is not null)
        {
            Use(bias.Table);
        }

        Tensor source = packed.Value.Reshape(shape.Batch, shape.Time, shape.HeadCount + (2 * shape.KeyValueHeadCount), shape.HeadDimension);
        AttentionArguments arguments = AttentionArguments.FromPacked(source, shape.HeadCount, shape.KeyValueHeadCount, shape.Scale) with
        {
            Bias = bias is null ? null : new AttentionBias(bias.Kind, bias.Table.Value, bias.Positions),
            Documents = documents,
        };
        Tensor value = Scope.Allocate(new Shape(shape.Batch, shape.Time, shape.HeadCount, shape.HeadDimension));
        Tensor logSumExp = Scope.Allocate(new Shape(shape.Batch, shape.HeadCount, shape.Time), Backend.Info.StatisticsType);
        Backend.Attention(value, logSumExp, arguments);
        Variable result = Record(
            value.AsRows().Reshape(shape.Batch * shape.Time, shape.HeadCount * shape.HeadDimension),
            packed.RequiresGradient || bias is { Table.RequiresGradient: true },
            output => new AttentionNode(output, packed, bias?.Table, value, logSumExp, arguments));
        result.IsSavedByProducer = true;
        return result;
    }

    private sealed class AttentionNode(
        Variable output, Variable packed, Variable? biasTable, Tensor value, Tensor logSumExp, AttentionArguments arguments) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            Tensor gradient = gradients.OfOutput.Reshape(value.Shape[0], value.Shape[1], value.Shape[2], value.Shape[3]);
            Tensor packedGradient = gradients.Allocate(arguments.Query.Shape);
            WriteMode tableMode = WriteMode.Overwrite;
            Tensor? tableGradient = biasTable is { RequiresGradient: true } ? gradients.Open(biasTable, out tableMode) : null;
            backend.AttentionBackward(
                new AttentionGradients(packedGradient, WriteMode.Overwrite, tableGradient, tableMode), gradient, value, logSumExp, arguments);
            gradients.Give(packed, packedGradient);
        }

        public override void ReleaseSaved(TensorScope scope) => scope.Release(logSumExp);
    }
}

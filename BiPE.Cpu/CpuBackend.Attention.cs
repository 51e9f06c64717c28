using BiPE.Core.Tensors;
using BiPE.Cpu.Kernels;

namespace BiPE.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public void Attention(Tensor destination, Tensor logSumExp, AttentionArguments arguments) =>
        _kernels.Attention(_context, Floats(destination), Floats(logSumExp), Operands(arguments));

    /// <inheritdoc/>
    public void AttentionBackward(AttentionGradients gradients, Tensor gradient, Tensor output, Tensor logSumExp, AttentionArguments arguments)
    {
        var written = new AttentionBackwardOperands
        {
            Packed = Floats(gradients.Packed),
            AccumulatePacked = Adds(gradients.PackedMode),
            BiasTable = FloatsOrNull(gradients.BiasTable),
            AccumulateBias = Adds(gradients.BiasTableMode),
            Gradient = Floats(gradient),
            Output = Floats(output),
            LogSumExp = Floats(logSumExp),
        };
        _kernels.AttentionBackward(_context, written, Operands(arguments));
    }

    private AttentionOperands Operands(AttentionArguments arguments)
    {
        nint size = arguments.HeadDimension;
        nint heads = arguments.HeadCount;
        nint shared = arguments.KeyValueHeadCount;
        float* query = Floats(arguments.Query);
        var operands = new AttentionOperands
        {
            Batch = arguments.Batch,
            QueryCount = arguments.QueryCount,
            KeyCount = arguments.KeyCount,
            Heads = heads,
            KeyValueHeads = shared,
            Size = size,
            Scale = (float)arguments.Scale,
            Query = query,
            QueryStride = (arguments.IsPacked ? heads + (2 * shared) : heads) * size,
            Key = arguments.Keys is null ? query + (heads * size) : Floats(arguments.Keys),
            Value = arguments.Values is null ? query + ((heads + shared) * size) : Floats(arguments.Values),
            KeyStride = (arguments.IsPacked ? heads + (2 * shared) : shared) * size,
            FirstKeys = arguments.Documents is null ? null : FirstKeys(arguments),
        };

        if (arguments.Bias is { } bias)
        {
            operands.BiasKind = bias.Kind;
            operands.BiasTable = Floats(bias.Table);
            operands.BiasExtent = bias.Table.Shape.Last;
            operands.Positions = Integers(bias.Positions);
            CheckPositions(operands);
        }

        return operands;
    }

    /// <summary>First token of each token's document, in the shared scratch memory.</summary>
    private int* FirstKeys(AttentionArguments arguments)
    {
        nint keys = arguments.KeyCount;
        int* documents = Integers(arguments.Documents!);
        var first = (int*)_context.Scratch.Shared(arguments.Batch * keys);
        for (nint row = 0; row < arguments.Batch * keys; row += keys)
        {
            for (nint key = 0; key < keys; key++)
            {
                bool opens = key == 0 || documents[row + key] != documents[row + key - 1];
                first[row + key] = opens ? (int)key : first[row + key - 1];
            }
        }

        return first;
    }

    /// <summary>Positions index the bias table, so wrong ones must stop here. Nobody sees documents before the first query's: theirs may be any.</summary>
    private static void CheckPositions(in AttentionOperands operands)
    {
        if (operands.BiasKind == AttentionBiasKind.PerKey || operands.QueryCount == 0)
        {
            return;
        }

        for (nint row = 0; row < operands.Batch; row++)
        {
            int* positions = operands.Positions + (row * operands.KeyCount);
            for (nint key = operands.FirstKey(row, operands.KeyCount - operands.QueryCount); key < operands.KeyCount; key++)
            {
                nint first = operands.FirstKey(row, key);
                bool inTable = operands.BiasKind == AttentionBiasKind.PerPair
                    ? (uint)positions[key] < (ulong)operands.BiasExtent
                    : (ulong)((long)positions[key] - positions[first]) < (ulong)operands.BiasExtent;
                if (!inTable || (key > first && positions[key] < positions[key - 1]))
                {
                    throw new ArgumentOutOfRangeException(
                        nameof(operands),
                        $"Attention: position {positions[key]} of key {key} decreases, or lies outside of the bias table of {operands.BiasExtent}.");
                }
            }
        }
    }
}

namespace BiPE.Core.Tensors;

public sealed partial class TimingBackend
{
    /// <inheritdoc/>
    public void MatMul(Tensor destination, Tensor a, Tensor b, MatMulOptions options = default)
    {
        long start = Now();
        _inner.MatMul(destination, a, b, options);
        double flops = 2.0 * destination.Count * a.Shape[options.TransposeA ? 0 : 1];
        Record(NameOf(options), start, Written(destination, options.Mode) + Read(a, b), flops);
    }

    /// <inheritdoc/>
    public void FreezeFactor(Tensor factor)
    {
        long start = Now();
        _inner.FreezeFactor(factor);
        Record(nameof(FreezeFactor), start, Written(factor) + Read(factor));
    }

    /// <inheritdoc/>
    public void BatchedMatMul(Tensor destination, Tensor a, Tensor b, MatMulOptions options = default)
    {
        long start = Now();
        _inner.BatchedMatMul(destination, a, b, options);
        double flops = 2.0 * destination.Count * a.Shape[options.TransposeA ? 1 : 2];
        Record(nameof(BatchedMatMul), start, Written(destination, options.Mode) + Read(a, b), flops);
    }

    /// <inheritdoc/>
    public void Attention(Tensor destination, Tensor logSumExp, AttentionArguments arguments)
    {
        long start = Now();
        _inner.Attention(destination, logSumExp, arguments);

        // Scores, and values weighted by them.
        Record(
            nameof(Attention), start, Written(destination) + Written(logSumExp) + ReadByAttention(arguments), 2 * ProductFlops(arguments));
    }

    /// <inheritdoc/>
    public void AttentionBackward(AttentionGradients gradients, Tensor gradient, Tensor output, Tensor logSumExp, AttentionArguments arguments)
    {
        long start = Now();
        _inner.AttentionBackward(gradients, gradient, output, logSumExp, arguments);

        // The scores again, and the gradients of weights, values, queries and keys.
        Record(
            nameof(AttentionBackward), start,
            Written(gradients.Packed, gradients.PackedMode)
            + (gradients.BiasTable is { } table ? Written(table, gradients.BiasTableMode) : 0)
            + Read(gradient, output, logSumExp) + ReadByAttention(arguments),
            5 * ProductFlops(arguments));
    }

    /// <summary>Which product of a linear layer it is: layers keep weights as <c>[outputs, inputs]</c>, so the transposes tell.</summary>
    private static string NameOf(MatMulOptions options) => (options.TransposeA, options.TransposeB) switch
    {
        (false, true) => "MatMul, forward",
        (false, false) => "MatMul, input gradient",
        (true, false) => "MatMul, weight gradient",
        _ => "MatMul, both transposed",
    };

    /// <summary>Of one product over the pairs of query and key that the causal mask leaves; document numbers, which leave fewer, are not looked at.</summary>
    private static double ProductFlops(AttentionArguments arguments)
    {
        double queries = arguments.QueryCount;
        double pairs = (queries * (arguments.KeyCount - queries)) + (queries * (queries + 1) / 2);
        return 2 * pairs * arguments.Batch * arguments.HeadCount * arguments.HeadDimension;
    }

    private static double ReadByAttention(AttentionArguments arguments)
    {
        double bytes = Read(arguments.Query);
        bytes += arguments.IsPacked ? 0 : Read(arguments.Keys!, arguments.Values!);
        bytes += arguments.Bias is { } bias ? Read(bias.Table, bias.Positions) : 0;
        return bytes + (arguments.Documents is { } documents ? Read(documents) : 0);
    }
}

namespace BiPE.Core.Tensors;

public sealed partial class ValidatingBackend
{
    /// <inheritdoc/>
    public void MatMul(Tensor destination, Tensor a, Tensor b, MatMulOptions options = default)
    {
        const string Operation = nameof(MatMul);
        CheckDisjoint(Operation, (nameof(destination), destination), (nameof(a), a));
        Live(Operation, nameof(b), b, allowFrozen: options.TransposeB);
        RequireDisjoint(Operation, (nameof(destination), destination), (nameof(b), b), allowSame: false);
        TensorError.Rank(Operation, nameof(destination), destination, 2);
        TensorError.Rank(Operation, nameof(a), a, 2);
        TensorError.Rank(Operation, nameof(b), b, 2);
        int m = destination.Shape[0];
        int n = destination.Shape[1];
        int k = a.Shape[options.TransposeA ? 0 : 1];
        TensorError.Shape(
            Operation, nameof(a), a, options.TransposeA ? new Shape(k, m) : new Shape(m, k), options.TransposeA ? "a transposed" : null);
        TensorError.Shape(
            Operation, nameof(b), b, options.TransposeB ? new Shape(n, k) : new Shape(k, n), options.TransposeB ? "b transposed" : null);
        FloatingPoint(Operation, nameof(destination), destination);
        FloatingPoint(Operation, nameof(a), a);
        bool mayBeFrozenType = options.TransposeB && a.Type == Info.ActivationType;
        TensorError.Type(Operation, nameof(b), b, mayBeFrozenType && b.Type == Info.FrozenType ? b.Type : a.Type);
        _inner.MatMul(destination, a, b, options);
    }

    /// <inheritdoc/>
    public void FreezeFactor(Tensor factor)
    {
        const string Operation = nameof(FreezeFactor);
        Live(Operation, nameof(factor), factor, allowFrozen: true);
        TensorError.Rank(Operation, nameof(factor), factor, 2);
        TensorError.Type(Operation, nameof(factor), factor, factor.Type == Info.FrozenType ? Info.FrozenType : Info.ActivationType);
        TensorError.Condition(
            Operation, nameof(factor), factor.ByteLength == factor.Buffer.ByteLength, $"'{nameof(factor)}' is part of an allocation, expected all of it");
        if (_frozen.Add(factor.Buffer))
        {
            _inner.FreezeFactor(factor);
        }
    }

    /// <inheritdoc/>
    public void BatchedMatMul(Tensor destination, Tensor a, Tensor b, MatMulOptions options = default)
    {
        const string Operation = nameof(BatchedMatMul);
        CheckDisjoint(Operation, (nameof(destination), destination), (nameof(a), a), (nameof(b), b));
        TensorError.Rank(Operation, nameof(destination), destination, 3);
        TensorError.Rank(Operation, nameof(a), a, 3);
        TensorError.Rank(Operation, nameof(b), b, 3);
        int groups = destination.Shape[0];
        int m = destination.Shape[1];
        int n = destination.Shape[2];
        int k = a.Shape[options.TransposeA ? 1 : 2];
        TensorError.Shape(
            Operation, nameof(a), a, options.TransposeA ? new Shape(groups, k, m) : new Shape(groups, m, k), options.TransposeA ? "a transposed" : null);
        TensorError.Shape(
            Operation, nameof(b), b, options.TransposeB ? new Shape(groups, n, k) : new Shape(groups, k, n), options.TransposeB ? "b transposed" : null);
        FloatingPoint(Operation, nameof(destination), destination);
        FloatingPoint(Operation, nameof(a), a);
        TensorError.Type(Operation, nameof(b), b, a.Type);
        _inner.BatchedMatMul(destination, a, b, options);
    }

    /// <inheritdoc/>
    public void Attention(Tensor destination, Tensor logSumExp, AttentionArguments arguments)
    {
        CheckAttention(nameof(Attention), destination, logSumExp, arguments);
        CheckDisjoint(nameof(Attention), (nameof(destination), destination), (nameof(logSumExp), logSumExp));
        RequireDisjoint(nameof(Attention), (nameof(destination), destination), arguments);
        RequireDisjoint(nameof(Attention), (nameof(logSumExp), logSumExp), arguments);
        _inner.Attention(destination, logSumExp, arguments);
    }

    /// <inheritdoc/>
    public void AttentionBackward(AttentionGradients gradients, Tensor gradient, Tensor output, Tensor logSumExp, AttentionArguments arguments)
    {
        const string Operation = nameof(AttentionBackward);
        ArgumentNullException.ThrowIfNull(gradients);
        CheckAttention(Operation, output, logSumExp, arguments);
        TensorError.Condition(
            Operation, nameof(arguments), arguments.IsPacked, "queries, keys and values must be packed in one tensor; cached attention has no gradient");
        CheckDisjoint(
            Operation, (nameof(gradients.Packed), gradients.Packed),
            (nameof(gradient), gradient), (nameof(output), output), (nameof(logSumExp), logSumExp));
        RequireDisjoint(Operation, (nameof(gradients.Packed), gradients.Packed), arguments);
        TensorError.Shape(Operation, nameof(gradient), gradient, output.Shape);
        TensorError.Shape(Operation, nameof(gradients.Packed), gradients.Packed, arguments.Query.Shape);
        Activation(Operation, nameof(gradient), gradient);
        Activation(Operation, nameof(gradients.Packed), gradients.Packed);
        if (gradients.BiasTable is { } table)
        {
            CheckDisjoint(
                Operation, (nameof(gradients.BiasTable), table),
                (nameof(gradients.Packed), gradients.Packed), (nameof(gradient), gradient), (nameof(output), output), (nameof(logSumExp), logSumExp));
            RequireDisjoint(Operation, (nameof(gradients.BiasTable), table), arguments);
            TensorError.Condition(
                Operation, nameof(gradients.BiasTable), arguments.Bias is { Kind: not AttentionBiasKind.PerKey },
                "'BiasTable' asks for a gradient, but there is no bias table of the kinds PerDistance or PerPair");
            TensorError.Shape(Operation, nameof(gradients.BiasTable), table, arguments.Bias!.Table.Shape);
            Statistic(Operation, nameof(gradients.BiasTable), table);
        }

        _inner.AttentionBackward(gradients, gradient, output, logSumExp, arguments);
    }

    private void CheckAttention(string operation, Tensor output, Tensor logSumExp, AttentionArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Live(operation, "destination", output);
        Live(operation, nameof(logSumExp), logSumExp);
        Live(operation, nameof(arguments.Query), arguments.Query);
        TensorError.Rank(operation, nameof(arguments.Query), arguments.Query, 4);
        int batch = arguments.Batch;
        int heads = arguments.HeadCount;
        int shared = arguments.KeyValueHeadCount;
        int size = arguments.HeadDimension;
        TensorError.Condition(
            operation, nameof(arguments), heads > 0 && shared > 0 && heads % shared == 0,
            $"{shared} key/value heads do not divide {heads} query heads");
        if (arguments.IsPacked)
        {
            TensorError.Shape(
                operation, nameof(arguments.Query), arguments.Query, new Shape(batch, arguments.QueryCount, heads + (2 * shared), size),
                $"{heads} query and 2 x {shared} key/value heads packed");
        }
        else
        {
            var expected = new Shape(batch, arguments.KeyCount, shared, size);
            Live(operation, nameof(arguments.Keys), arguments.Keys!);
            Live(operation, nameof(arguments.Values), arguments.Values!);
            TensorError.Shape(operation, nameof(arguments.Keys), arguments.Keys!, expected);
            TensorError.Shape(operation, nameof(arguments.Values), arguments.Values!, expected);
            Activation(operation, nameof(arguments.Keys), arguments.Keys!);
            Activation(operation, nameof(arguments.Values), arguments.Values!);
            TensorError.Condition(
                operation, nameof(arguments.Keys), arguments.KeyCount >= arguments.QueryCount,
                $"{arguments.KeyCount} keys are fewer than {arguments.QueryCount} queries");
        }

        TensorError.Shape(operation, "destination", output, new Shape(batch, arguments.QueryCount, heads, size));
        TensorError.Shape(operation, nameof(logSumExp), logSumExp, new Shape(batch, heads, arguments.QueryCount));
        Statistic(operation, nameof(logSumExp), logSumExp);
        Activation(operation, "destination", output);
        Activation(operation, nameof(arguments.Query), arguments.Query);
        if (arguments.Documents is { } documents)
        {
            Live(operation, nameof(arguments.Documents), documents);
            TensorError.Shape(operation, nameof(arguments.Documents), documents, new Shape(batch, arguments.KeyCount));
            Integers(operation, nameof(arguments.Documents), documents);
        }

        if (arguments.Bias is { } bias)
        {
            CheckBias(operation, bias, batch, arguments.KeyCount, heads);
        }
    }

    /// <summary>What attention writes is nothing that it reads.</summary>
    private static void RequireDisjoint(string operation, (string Name, Tensor Tensor) written, AttentionArguments arguments)
    {
        ReadOnlySpan<(string Name, Tensor? Tensor)> all =
        [
            (nameof(arguments.Query), arguments.Query), (nameof(arguments.Keys), arguments.Keys), (nameof(arguments.Values), arguments.Values),
            (nameof(arguments.Documents), arguments.Documents),
            (nameof(AttentionBias.Table), arguments.Bias?.Table), (nameof(AttentionBias.Positions), arguments.Bias?.Positions),
        ];
        foreach ((string name, Tensor? tensor) in all)
        {
            if (tensor is not null)
            {
                RequireDisjoint(operation, written, (name, tensor), allowSame: false);
            }
        }
    }

    private void CheckBias(string operation, AttentionBias bias, int batch, int keys, int heads)
    {
        Live(operation, nameof(bias.Table), bias.Table);
        Live(operation, nameof(bias.Positions), bias.Positions);
        TensorError.Shape(operation, nameof(bias.Positions), bias.Positions, new Shape(batch, keys));
        Integers(operation, nameof(bias.Positions), bias.Positions);
        Statistic(operation, nameof(bias.Table), bias.Table);
        int rank = bias.Kind switch { AttentionBiasKind.PerKey => 1, AttentionBiasKind.PerDistance => 2, _ => 3 };
        TensorError.Rank(operation, nameof(bias.Table), bias.Table, rank);
        bool square = rank < 3 || bias.Table.Shape[1] == bias.Table.Shape[2];
        TensorError.Condition(
            operation, nameof(bias.Table), bias.Table.Shape[0] == heads && square,
            $"'Table' is {bias.Table.Shape}, expected {heads} heads first{(rank == 3 ? " and as many rows as columns" : "")}");
    }
}

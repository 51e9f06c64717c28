namespace BiPE.Core.Tensors.Reference;

/// <summary>Default bodies of the tensor interface: download, compute with <see cref="ReferenceOperations{T}"/> in float64, upload.</summary>
internal static class HostOperations
{
    public static void BatchedMatMul(ITensorBackend backend, Tensor destination, Tensor a, Tensor b, MatMulOptions options)
    {
        double[] result = ForMode(backend, destination, options.Mode);
        ReferenceOperations<double>.BatchedMatMul(
            result, backend.ReadDoubles(a), backend.ReadDoubles(b),
            destination.Shape[0], destination.Shape[1], destination.Shape[2], a.Shape[options.TransposeA ? 1 : 2], options);
        backend.WriteDoubles(destination, result);
    }

    public static void GatherRows(ITensorBackend backend, Tensor destination, Tensor table, Tensor ids, WriteMode mode)
    {
        double[] result = ForMode(backend, destination, mode);
        ReferenceOperations<double>.GatherRows(result, backend.ReadDoubles(table), backend.ReadIntegers(ids), table.Shape.Last, mode);
        backend.WriteDoubles(destination, result);
    }

    public static void ScatterAddRows(ITensorBackend backend, Tensor destination, Tensor source, Tensor ids, int skippedId, WriteMode mode)
    {
        double[] result = ForMode(backend, destination, mode);
        ReferenceOperations<double>.ScatterAddRows(
            result, backend.ReadDoubles(source), backend.ReadIntegers(ids), destination.Shape.Last, skippedId, mode);
        backend.WriteDoubles(destination, result);
    }

    public static void RmsNorm(ITensorBackend backend, Tensor destination, Tensor inverseRms, Tensor source, Tensor weight, double epsilon)
    {
        var result = new double[destination.Count];
        var statistics = new double[inverseRms.Count];
        ReferenceOperations<double>.RmsNorm(result, statistics, backend.ReadDoubles(source), backend.ReadDoubles(weight), epsilon);
        backend.WriteDoubles(destination, result);
        backend.WriteDoubles(inverseRms, statistics);
    }

    public static void RmsNormBackward(
        ITensorBackend backend, Tensor sourceGradient, WriteMode sourceMode, Tensor? weightGradient, WriteMode weightMode,
        Tensor gradient, Tensor source, Tensor inverseRms, Tensor weight)
    {
        double[] sourceResult = ForMode(backend, sourceGradient, sourceMode);
        double[] weightResult = weightGradient is null ? [] : ForMode(backend, weightGradient, weightMode);
        ReferenceOperations<double>.RmsNormBackward(
            sourceResult, sourceMode, weightResult, weightMode, backend.ReadDoubles(gradient), backend.ReadDoubles(source),
            backend.ReadDoubles(inverseRms), backend.ReadDoubles(weight));
        backend.WriteDoubles(sourceGradient, sourceResult);
        if (weightGradient is not null)
        {
            backend.WriteDoubles(weightGradient, weightResult);
        }
    }

    public static void Rotate(ITensorBackend backend, Tensor packed, RotateArguments arguments)
    {
        double[] values = backend.ReadDoubles(packed);
        ReferenceOperations<double>.Rotate(
            values, packed.Shape[2], packed.Shape[3], arguments.FirstHead, arguments.HeadCount,
            backend.ReadDoubles(arguments.Cosine), backend.ReadDoubles(arguments.Sine), arguments.Cosine.Shape.Last,
            backend.ReadIntegers(arguments.Positions), arguments.Transposed);
        backend.WriteDoubles(packed, values);
    }

    public static void SwiGlu(ITensorBackend backend, Tensor destination, Tensor gateUp)
    {
        var result = new double[destination.Count];
        ReferenceOperations<double>.SwiGlu(result, backend.ReadDoubles(gateUp), destination.Shape.Last);
        backend.WriteDoubles(destination, result);
    }

    public static void SwiGluBackward(ITensorBackend backend, Tensor gateUpGradient, Tensor gradient, Tensor gateUp)
    {
        var result = new double[gateUpGradient.Count];
        ReferenceOperations<double>.SwiGluBackward(result, backend.ReadDoubles(gradient), backend.ReadDoubles(gateUp), gradient.Shape.Last);
        backend.WriteDoubles(gateUpGradient, result);
    }

    public static void Attention(ITensorBackend backend, Tensor destination, Tensor logSumExp, AttentionArguments arguments)
    {
        var result = new double[destination.Count];
        var statistics = new double[logSumExp.Count];
        ReferenceOperations<double>.Attention(result, statistics, Unpack(backend, arguments));
        backend.WriteDoubles(destination, result);
        backend.WriteDoubles(logSumExp, statistics);
    }

    public static void AttentionBackward(
        ITensorBackend backend, AttentionGradients gradients, Tensor gradient, Tensor output, Tensor logSumExp, AttentionArguments arguments)
    {
        ReferenceAttention<double> operands = Unpack(backend, arguments);
        var queries = new double[operands.Queries.Length];
        var keys = new double[operands.Keys.Length];
        var values = new double[operands.Values.Length];
        double[] bias = gradients.BiasTable is null ? [] : ForMode(backend, gradients.BiasTable, gradients.BiasTableMode);
        ReferenceOperations<double>.AttentionBackward(
            queries, keys, values, bias, backend.ReadDoubles(gradient), backend.ReadDoubles(output), backend.ReadDoubles(logSumExp), operands);

        double[] packed = ForMode(backend, gradients.Packed, gradients.PackedMode);
        int size = arguments.HeadDimension;
        int rowLength = gradients.Packed.Shape[2] * size;
        int queryLength = arguments.HeadCount * size;
        int keyLength = arguments.KeyValueHeadCount * size;
        for (int row = 0; row < packed.Length / rowLength; row++)
        {
            Span<double> target = packed.AsSpan(row * rowLength, rowLength);
            AddTo(target[..queryLength], queries.AsSpan(row * queryLength, queryLength));
            AddTo(target.Slice(queryLength, keyLength), keys.AsSpan(row * keyLength, keyLength));
            AddTo(target.Slice(queryLength + keyLength, keyLength), values.AsSpan(row * keyLength, keyLength));
        }

        backend.WriteDoubles(gradients.Packed, packed);
        if (gradients.BiasTable is not null)
        {
            backend.WriteDoubles(gradients.BiasTable, bias);
        }
    }

    public static void CrossEntropy(ITensorBackend backend, Tensor losses, Tensor logits, Tensor labels, CrossEntropyOptions options)
    {
        double[] values = backend.ReadDoubles(logits);
        var result = new double[losses.Count];
        ReferenceOperations<double>.CrossEntropy(result, values, backend.ReadIntegers(labels), options);
        backend.WriteDoubles(losses, result);
        backend.WriteDoubles(logits, values);
    }

    public static void SoftmaxRows(ITensorBackend backend, Tensor destination, Tensor source, bool causal)
    {
        var result = new double[destination.Count];
        ReferenceOperations<double>.SoftmaxRows(
            result, backend.ReadDoubles(source), source.Shape[source.Shape.Rank - 2], source.Shape.Last, causal);
        backend.WriteDoubles(destination, result);
    }

    public static void SoftmaxRowsBackward(ITensorBackend backend, Tensor sourceGradient, Tensor gradient, Tensor output, WriteMode mode)
    {
        double[] result = ForMode(backend, sourceGradient, mode);
        ReferenceOperations<double>.SoftmaxRowsBackward(
            result, backend.ReadDoubles(gradient), backend.ReadDoubles(output), output.Shape.Last, mode);
        backend.WriteDoubles(sourceGradient, result);
    }

    public static void CumulativeSum(ITensorBackend backend, Tensor destination, Tensor source, bool fromEnd)
    {
        var result = new double[destination.Count];
        ReferenceOperations<double>.CumulativeSum(result, backend.ReadDoubles(source), source.Shape.Last, fromEnd);
        backend.WriteDoubles(destination, result);
    }

    public static void InterpolateRows(ITensorBackend backend, Tensor destination, Tensor table, Tensor positions)
    {
        var result = new double[destination.Count];
        ReferenceOperations<double>.InterpolateRows(
            result, backend.ReadDoubles(table), backend.ReadDoubles(positions), table.Shape.Last, positions.Shape.Last);
        backend.WriteDoubles(destination, result);
    }

    public static void InterpolateRowsBackward(
        ITensorBackend backend, Tensor tableGradient, Tensor positionGradient, Tensor gradient, Tensor table, Tensor positions)
    {
        var tableResult = new double[tableGradient.Count];
        var positionResult = new double[positionGradient.Count];
        ReferenceOperations<double>.InterpolateRowsBackward(
            tableResult, positionResult, backend.ReadDoubles(gradient), backend.ReadDoubles(table), backend.ReadDoubles(positions),
            table.Shape.Last, positions.Shape.Last);
        backend.WriteDoubles(tableGradient, tableResult);
        backend.WriteDoubles(positionGradient, positionResult);
    }

    public static void SumRows(ITensorBackend backend, Tensor destination, Tensor source, WriteMode mode)
    {
        double[] result = ForMode(backend, destination, mode);
        ReferenceOperations<double>.SumRows(result, backend.ReadDoubles(source), mode);
        backend.WriteDoubles(destination, result);
    }

    public static void SumOfSquares(ITensorBackend backend, Tensor destination, IReadOnlyList<Tensor> sources)
    {
        double sum = 0;
        foreach (Tensor source in sources)
        {
            sum += ReferenceOperations<double>.SumOfSquares(backend.ReadDoubles(source));
        }

        backend.WriteDoubles(destination, [sum]);
    }

    public static void AdamWStep(ITensorBackend backend, AdamWTensors tensors, Tensor? sumOfSquares, AdamWOptions options)
    {
        double factor = sumOfSquares is null
            ? 1
            : ReferenceOperations<double>.ClipFactor(backend.ReadDoubles(sumOfSquares)[0], options.MaximumGradientNorm);
        double[] parameter = backend.ReadDoubles(tensors.Parameter);
        double[] first = backend.ReadDoubles(tensors.FirstMoment);
        double[] second = backend.ReadDoubles(tensors.SecondMoment);
        ReferenceOperations<double>.AdamWStep(parameter, backend.ReadDoubles(tensors.Gradient), first, second, factor, options);
        backend.WriteDoubles(tensors.Parameter, parameter);
        backend.WriteDoubles(tensors.FirstMoment, first);
        backend.WriteDoubles(tensors.SecondMoment, second);
        if (tensors.ComputeCopy is not null)
        {
            backend.WriteDoubles(tensors.ComputeCopy, parameter);
        }
    }

    /// <summary>The destination's content where it is added to, zeros where it is replaced.</summary>
    private static double[] ForMode(ITensorBackend backend, Tensor destination, WriteMode mode) =>
        mode == WriteMode.Accumulate ? backend.ReadDoubles(destination) : new double[destination.Count];

    private static void AddTo(Span<double> destination, ReadOnlySpan<double> source)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] += source[i];
        }
    }

    private static ReferenceAttention<double> Unpack(ITensorBackend backend, AttentionArguments arguments)
    {
        double[] queries = backend.ReadDoubles(arguments.Query);
        double[] keys;
        double[] values;
        if (arguments.IsPacked)
        {
            int heads = arguments.HeadCount;
            int shared = arguments.KeyValueHeadCount;
            int all = heads + (2 * shared);
            double[] packed = queries;
            queries = TakeHeads(packed, all, 0, heads, arguments.HeadDimension);
            keys = TakeHeads(packed, all, heads, shared, arguments.HeadDimension);
            values = TakeHeads(packed, all, heads + shared, shared, arguments.HeadDimension);
        }
        else
        {
            keys = backend.ReadDoubles(arguments.Keys!);
            values = backend.ReadDoubles(arguments.Values!);
        }

        return new ReferenceAttention<double>
        {
            Batch = arguments.Batch,
            QueryCount = arguments.QueryCount,
            KeyCount = arguments.KeyCount,
            HeadCount = arguments.HeadCount,
            KeyValueHeadCount = arguments.KeyValueHeadCount,
            HeadDimension = arguments.HeadDimension,
            Scale = arguments.Scale,
            Queries = queries,
            Keys = keys,
            Values = values,
            BiasKind = arguments.Bias?.Kind,
            BiasTable = arguments.Bias is null ? [] : backend.ReadDoubles(arguments.Bias.Table),
            Positions = arguments.Bias is null ? [] : backend.ReadIntegers(arguments.Bias.Positions),
            Documents = arguments.Documents is null ? [] : backend.ReadIntegers(arguments.Documents),
        };
    }

    private static double[] TakeHeads(double[] packed, int heads, int first, int count, int size)
    {
        int rows = packed.Length / (heads * size);
        var taken = new double[rows * count * size];
        for (int row = 0; row < rows; row++)
        {
            packed.AsSpan(((row * heads) + first) * size, count * size).CopyTo(taken.AsSpan(row * count * size));
        }

        return taken;
    }
}

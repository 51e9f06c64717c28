namespace BiPE.Core.Tensors;

public sealed partial class ValidatingBackend
{
    /// <inheritdoc/>
    public void Add(Tensor destination, Tensor a, Tensor b)
    {
        CheckAlike(nameof(Add), (nameof(destination), destination), (nameof(a), a), (nameof(b), b));
        _inner.Add(destination, a, b);
    }

    /// <inheritdoc/>
    public void Multiply(Tensor destination, Tensor a, Tensor b, WriteMode mode = WriteMode.Overwrite)
    {
        CheckAlike(nameof(Multiply), (nameof(destination), destination), (nameof(a), a), (nameof(b), b));
        _inner.Multiply(destination, a, b, mode);
    }

    /// <inheritdoc/>
    public void AddScaled(Tensor destination, Tensor source, double alpha)
    {
        CheckAlike(nameof(AddScaled), (nameof(destination), destination), (nameof(source), source));
        _inner.AddScaled(destination, source, alpha);
    }

    /// <inheritdoc/>
    public void Scale(Tensor destination, Tensor source, double alpha)
    {
        CheckAlike(nameof(Scale), (nameof(destination), destination), (nameof(source), source));
        _inner.Scale(destination, source, alpha);
    }

    /// <inheritdoc/>
    public void Unary(Tensor destination, Tensor source, UnaryKind kind)
    {
        CheckAlike(nameof(Unary), (nameof(destination), destination), (nameof(source), source));
        _inner.Unary(destination, source, kind);
    }

    /// <inheritdoc/>
    public void UnaryBackward(Tensor sourceGradient, Tensor gradient, Tensor source, UnaryKind kind, WriteMode mode = WriteMode.Overwrite)
    {
        CheckAlike(nameof(UnaryBackward), (nameof(sourceGradient), sourceGradient), (nameof(gradient), gradient), (nameof(source), source));
        _inner.UnaryBackward(sourceGradient, gradient, source, kind, mode);
    }

    /// <inheritdoc/>
    public void SoftmaxRows(Tensor destination, Tensor source, bool causal)
    {
        const string Operation = nameof(SoftmaxRows);
        CheckAlike(Operation, (nameof(destination), destination), (nameof(source), source));
        int rank = source.Shape.Rank;
        TensorError.Condition(Operation, nameof(source), rank is 2 or 3, $"'source' is {source.Shape}, expected two or three axes");
        TensorError.Condition(
            Operation, nameof(source), !causal || source.Shape.Last >= source.Shape[rank - 2],
            $"'source' is {source.Shape}: a causal mask needs at least as many keys (last axis) as queries");
        _inner.SoftmaxRows(destination, source, causal);
    }

    /// <inheritdoc/>
    public void SoftmaxRowsBackward(Tensor sourceGradient, Tensor gradient, Tensor output, WriteMode mode = WriteMode.Overwrite)
    {
        CheckAlike(nameof(SoftmaxRowsBackward), (nameof(sourceGradient), sourceGradient), (nameof(gradient), gradient), (nameof(output), output));
        _inner.SoftmaxRowsBackward(sourceGradient, gradient, output, mode);
    }

    /// <inheritdoc/>
    public void CumulativeSum(Tensor destination, Tensor source, bool fromEnd)
    {
        CheckAlike(nameof(CumulativeSum), (nameof(destination), destination), (nameof(source), source));
        _inner.CumulativeSum(destination, source, fromEnd);
    }

    /// <inheritdoc/>
    public void InterpolateRows(Tensor destination, Tensor table, Tensor positions)
    {
        const string Operation = nameof(InterpolateRows);
        CheckAlike(Operation, (nameof(destination), destination), (nameof(positions), positions));
        CheckDisjoint(Operation, (nameof(destination), destination), (nameof(table), table));
        CheckTable(Operation, table, positions);
        _inner.InterpolateRows(destination, table, positions);
    }

    /// <inheritdoc/>
    public void InterpolateRowsBackward(Tensor tableGradient, Tensor positionGradient, Tensor gradient, Tensor table, Tensor positions)
    {
        const string Operation = nameof(InterpolateRowsBackward);
        CheckAlike(Operation, (nameof(positionGradient), positionGradient), (nameof(gradient), gradient), (nameof(positions), positions));
        CheckAlike(Operation, (nameof(tableGradient), tableGradient), (nameof(table), table));
        CheckDisjoint(
            Operation, (nameof(tableGradient), tableGradient),
            (nameof(positionGradient), positionGradient), (nameof(gradient), gradient), (nameof(table), table), (nameof(positions), positions));
        CheckDisjoint(
            Operation, (nameof(positionGradient), positionGradient), (nameof(gradient), gradient), (nameof(table), table), (nameof(positions), positions));
        CheckTable(Operation, table, positions);
        _inner.InterpolateRowsBackward(tableGradient, positionGradient, gradient, table, positions);
    }

    /// <inheritdoc/>
    public void SumRows(Tensor destination, Tensor source, WriteMode mode = WriteMode.Overwrite)
    {
        const string Operation = nameof(SumRows);
        CheckDisjoint(Operation, (nameof(destination), destination), (nameof(source), source));
        TensorError.Rank(Operation, nameof(source), source, 2);
        TensorError.Shape(Operation, nameof(destination), destination, new Shape(source.Shape[1]));
        FloatingPoint(Operation, nameof(source), source);
        FloatingPoint(Operation, nameof(destination), destination);
        _inner.SumRows(destination, source, mode);
    }

    private static void CheckTable(string operation, Tensor table, Tensor positions)
    {
        TensorError.Condition(operation, nameof(table), table.Type == positions.Type, $"'table' is {table.Type}, expected {positions.Type} as 'positions'");
        TensorError.Condition(
            operation, nameof(table), table.Shape.Last > 0 && table.Shape.RowCount == positions.Shape.RowCount,
            $"'table' is {table.Shape}, expected at least one column, and a row for each of 'positions' {positions.Shape}");
    }

    /// <inheritdoc/>
    public void CrossEntropy(Tensor losses, Tensor logits, Tensor labels, CrossEntropyOptions options)
    {
        const string Operation = nameof(CrossEntropy);
        CheckDisjoint(Operation, (nameof(losses), losses), (nameof(logits), logits), (nameof(labels), labels));
        TensorError.Rank(Operation, nameof(logits), logits, 2);
        TensorError.Shape(Operation, nameof(losses), losses, new Shape(logits.Shape[0]));
        TensorError.Count(Operation, nameof(labels), labels, logits.Shape[0]);
        Statistic(Operation, nameof(losses), losses);
        FloatingPoint(Operation, nameof(logits), logits);
        Integers(Operation, nameof(labels), labels);
        _inner.CrossEntropy(losses, logits, labels, options);
    }

    /// <inheritdoc/>
    public void SumOfSquares(Tensor destination, IReadOnlyList<Tensor> sources)
    {
        const string Operation = nameof(SumOfSquares);
        ArgumentNullException.ThrowIfNull(sources);
        Live(Operation, nameof(destination), destination);
        TensorError.Shape(Operation, nameof(destination), destination, new Shape(1));
        Statistic(Operation, nameof(destination), destination);
        foreach (Tensor source in sources)
        {
            CheckDisjoint(Operation, (nameof(destination), destination), (nameof(sources), source));
            FloatingPoint(Operation, nameof(sources), source);
        }

        _inner.SumOfSquares(destination, sources);
    }

    /// <inheritdoc/>
    public void AdamWStep(AdamWTensors tensors, Tensor? sumOfSquares, AdamWOptions options)
    {
        const string Operation = nameof(AdamWStep);
        ArgumentNullException.ThrowIfNull(tensors);
        CheckDisjoint(
            Operation, (nameof(tensors.Parameter), tensors.Parameter),
            (nameof(tensors.Gradient), tensors.Gradient), (nameof(tensors.FirstMoment), tensors.FirstMoment), (nameof(tensors.SecondMoment), tensors.SecondMoment));
        CheckDisjoint(
            Operation, (nameof(tensors.FirstMoment), tensors.FirstMoment),
            (nameof(tensors.Gradient), tensors.Gradient), (nameof(tensors.SecondMoment), tensors.SecondMoment));
        CheckDisjoint(Operation, (nameof(tensors.SecondMoment), tensors.SecondMoment), (nameof(tensors.Gradient), tensors.Gradient));
        TensorError.Shape(Operation, nameof(tensors.Gradient), tensors.Gradient, tensors.Parameter.Shape);
        TensorError.Shape(Operation, nameof(tensors.FirstMoment), tensors.FirstMoment, tensors.Parameter.Shape);
        TensorError.Shape(Operation, nameof(tensors.SecondMoment), tensors.SecondMoment, tensors.Parameter.Shape);
        Statistic(Operation, nameof(tensors.Parameter), tensors.Parameter);
        Statistic(Operation, nameof(tensors.Gradient), tensors.Gradient);
        Statistic(Operation, nameof(tensors.FirstMoment), tensors.FirstMoment);
        Statistic(Operation, nameof(tensors.SecondMoment), tensors.SecondMoment);
        TensorError.Condition(Operation, nameof(options), options.Step >= 1, $"'Step' is {options.Step}, expected 1 or more");
        if (tensors.ComputeCopy is { } copy)
        {
            CheckDisjoint(
                Operation, (nameof(tensors.ComputeCopy), copy), (nameof(tensors.Parameter), tensors.Parameter), (nameof(tensors.Gradient), tensors.Gradient),
                (nameof(tensors.FirstMoment), tensors.FirstMoment), (nameof(tensors.SecondMoment), tensors.SecondMoment));
            TensorError.Shape(Operation, nameof(tensors.ComputeCopy), copy, tensors.Parameter.Shape);
            TensorError.Condition(
                Operation, nameof(tensors.ComputeCopy), copy.Type != ElementType.Int32 && copy.Type.ByteSize() <= Info.StatisticsType.ByteSize(),
                $"'{nameof(tensors.ComputeCopy)}' is {copy.Type}, expected {Info.StatisticsType} or a narrower floating-point type");
        }

        if (sumOfSquares is not null)
        {
            CheckDisjoint(
                Operation, (nameof(sumOfSquares), sumOfSquares), (nameof(tensors.Parameter), tensors.Parameter),
                (nameof(tensors.FirstMoment), tensors.FirstMoment), (nameof(tensors.SecondMoment), tensors.SecondMoment));
            TensorError.Shape(Operation, nameof(sumOfSquares), sumOfSquares, new Shape(1));
            Statistic(Operation, nameof(sumOfSquares), sumOfSquares);
        }

        _inner.AdamWStep(tensors, sumOfSquares, options);
    }

    private void CheckAlike(
        string operation, (string Name, Tensor Tensor) destination, params ReadOnlySpan<(string Name, Tensor Tensor)> sources)
    {
        Check(operation, destination, sources);
        FloatingPoint(operation, destination.Name, destination.Tensor);
        foreach ((string name, Tensor tensor) in sources)
        {
            TensorError.Shape(operation, name, tensor, destination.Tensor.Shape);
            TensorError.Type(operation, name, tensor, destination.Tensor.Type);
        }
    }
}

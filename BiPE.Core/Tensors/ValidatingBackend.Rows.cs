namespace BiPE.Core.Tensors;

public sealed partial class ValidatingBackend
{
    /// <inheritdoc/>
    public void GatherRows(Tensor destination, Tensor table, Tensor ids, WriteMode mode = WriteMode.Overwrite)
    {
        const string Operation = nameof(GatherRows);
        CheckDisjoint(Operation, (nameof(destination), destination), (nameof(table), table), (nameof(ids), ids));
        TensorError.Rank(Operation, nameof(table), table, 2);
        Integers(Operation, nameof(ids), ids);
        TensorError.Shape(Operation, nameof(destination), destination, new Shape(checked((int)ids.Count), table.Shape[1]));
        if (table.Type != Info.StatisticsType && table.Type != Info.FrozenType)
        {
            Activation(Operation, nameof(table), table);
        }

        TensorError.Type(Operation, nameof(destination), destination, table.Type == Info.FrozenType ? Info.ActivationType : table.Type);
        _inner.GatherRows(destination, table, ids, mode);
    }

    /// <inheritdoc/>
    public void ScatterAddRows(Tensor destination, Tensor source, Tensor ids, int skippedId, WriteMode mode)
    {
        const string Operation = nameof(ScatterAddRows);
        CheckDisjoint(Operation, (nameof(destination), destination), (nameof(source), source), (nameof(ids), ids));
        TensorError.Rank(Operation, nameof(destination), destination, 2);
        Integers(Operation, nameof(ids), ids);
        TensorError.Shape(Operation, nameof(source), source, new Shape(checked((int)ids.Count), destination.Shape[1]));
        FloatingPoint(Operation, nameof(source), source);
        FloatingPoint(Operation, nameof(destination), destination);
        _inner.ScatterAddRows(destination, source, ids, skippedId, mode);
    }

    /// <inheritdoc/>
    public void RmsNorm(Tensor destination, Tensor inverseRms, Tensor source, Tensor weight, double epsilon)
    {
        const string Operation = nameof(RmsNorm);
        Check(Operation, (nameof(destination), destination), (nameof(source), source), (nameof(weight), weight));
        CheckDisjoint(
            Operation, (nameof(inverseRms), inverseRms), (nameof(destination), destination), (nameof(source), source), (nameof(weight), weight));
        CheckNorm(Operation, source, inverseRms, weight);
        TensorError.Shape(Operation, nameof(destination), destination, source.Shape);
        FloatingPoint(Operation, nameof(destination), destination);
        _inner.RmsNorm(destination, inverseRms, source, weight, epsilon);
    }

    /// <inheritdoc/>
    public void RmsNormBackward(
        Tensor sourceGradient, WriteMode sourceMode, Tensor? weightGradient, WriteMode weightMode,
        Tensor gradient, Tensor source, Tensor inverseRms, Tensor weight)
    {
        const string Operation = nameof(RmsNormBackward);
        Check(
            Operation, (nameof(sourceGradient), sourceGradient), (nameof(gradient), gradient), (nameof(source), source), (nameof(weight), weight));
        CheckDisjoint(Operation, (nameof(sourceGradient), sourceGradient), (nameof(inverseRms), inverseRms));
        CheckNorm(Operation, source, inverseRms, weight);
        TensorError.Shape(Operation, nameof(sourceGradient), sourceGradient, source.Shape);
        TensorError.Shape(Operation, nameof(gradient), gradient, source.Shape);
        FloatingPoint(Operation, nameof(sourceGradient), sourceGradient);
        FloatingPoint(Operation, nameof(gradient), gradient);
        if (weightGradient is not null)
        {
            CheckDisjoint(
                Operation, (nameof(weightGradient), weightGradient), (nameof(sourceGradient), sourceGradient), (nameof(gradient), gradient),
                (nameof(source), source), (nameof(inverseRms), inverseRms), (nameof(weight), weight));
            TensorError.Shape(Operation, nameof(weightGradient), weightGradient, weight.Shape);
            Statistic(Operation, nameof(weightGradient), weightGradient);
        }

        _inner.RmsNormBackward(sourceGradient, sourceMode, weightGradient, weightMode, gradient, source, inverseRms, weight);
    }

    /// <inheritdoc/>
    public void Rotate(Tensor packed, RotateArguments arguments)
    {
        const string Operation = nameof(Rotate);
        ArgumentNullException.ThrowIfNull(arguments);
        CheckDisjoint(
            Operation, (nameof(packed), packed), (nameof(arguments.Cosine), arguments.Cosine), (nameof(arguments.Sine), arguments.Sine),
            (nameof(arguments.Positions), arguments.Positions));
        TensorError.Rank(Operation, nameof(packed), packed, 4);
        FloatingPoint(Operation, nameof(packed), packed);
        TensorError.Rank(Operation, nameof(arguments.Cosine), arguments.Cosine, 2);
        TensorError.Shape(Operation, nameof(arguments.Sine), arguments.Sine, arguments.Cosine.Shape);
        Statistic(Operation, nameof(arguments.Cosine), arguments.Cosine);
        Statistic(Operation, nameof(arguments.Sine), arguments.Sine);
        Integers(Operation, nameof(arguments.Positions), arguments.Positions);
        TensorError.Count(Operation, nameof(arguments.Positions), arguments.Positions, (long)packed.Shape[0] * packed.Shape[1]);
        TensorError.Condition(
            Operation, nameof(arguments),
            arguments.FirstHead >= 0 && arguments.HeadCount >= 0 && arguments.FirstHead + arguments.HeadCount <= packed.Shape[2],
            $"heads {arguments.FirstHead} .. {arguments.FirstHead + arguments.HeadCount - 1} are not inside the {packed.Shape[2]} heads of 'packed'");
        TensorError.Condition(
            Operation, nameof(arguments.Cosine), 2 * arguments.Cosine.Shape[1] <= packed.Shape[3],
            $"'Cosine' has {arguments.Cosine.Shape[1]} columns, more than half of the head size {packed.Shape[3]}");
        _inner.Rotate(packed, arguments);
    }

    /// <inheritdoc/>
    public void SwiGlu(Tensor destination, Tensor gateUp)
    {
        const string Operation = nameof(SwiGlu);
        CheckDisjoint(Operation, (nameof(destination), destination), (nameof(gateUp), gateUp));
        CheckGates(Operation, nameof(destination), destination, gateUp);
        _inner.SwiGlu(destination, gateUp);
    }

    /// <inheritdoc/>
    public void SwiGluBackward(Tensor gateUpGradient, Tensor gradient, Tensor gateUp)
    {
        const string Operation = nameof(SwiGluBackward);
        Check(Operation, (nameof(gateUpGradient), gateUpGradient), (nameof(gateUp), gateUp));
        Activation(Operation, nameof(gateUpGradient), gateUpGradient);
        CheckDisjoint(Operation, (nameof(gateUpGradient), gateUpGradient), (nameof(gradient), gradient));
        CheckGates(Operation, nameof(gradient), gradient, gateUp);
        TensorError.Shape(Operation, nameof(gateUpGradient), gateUpGradient, gateUp.Shape);
        _inner.SwiGluBackward(gateUpGradient, gradient, gateUp);
    }

    private void CheckNorm(string operation, Tensor source, Tensor inverseRms, Tensor weight)
    {
        TensorError.Rank(operation, nameof(source), source, 2);
        TensorError.Shape(operation, nameof(weight), weight, new Shape(source.Shape[1]));
        TensorError.Shape(operation, nameof(inverseRms), inverseRms, new Shape(source.Shape[0]));
        Activation(operation, nameof(source), source);
        FloatingPoint(operation, nameof(weight), weight);
        Statistic(operation, nameof(inverseRms), inverseRms);
    }

    private void CheckGates(string operation, string argument, Tensor output, Tensor gateUp)
    {
        TensorError.Rank(operation, argument, output, 2);
        TensorError.Shape(operation, nameof(gateUp), gateUp, new Shape(output.Shape[0], 2 * output.Shape[1]));
        Activation(operation, nameof(gateUp), gateUp);
        FloatingPoint(operation, argument, output);
    }
}

namespace BiPE.Core.Tensors;

public sealed partial class TimingBackend
{
    /// <inheritdoc/>
    public void GatherRows(Tensor destination, Tensor table, Tensor ids, WriteMode mode = WriteMode.Overwrite)
    {
        long start = Now();
        _inner.GatherRows(destination, table, ids, mode);
        Record(nameof(GatherRows), start, Written(destination, mode) + RowsOf(table, ids.Count) + Read(ids));
    }

    /// <inheritdoc/>
    public void ScatterAddRows(Tensor destination, Tensor source, Tensor ids, int skippedId, WriteMode mode)
    {
        long start = Now();
        _inner.ScatterAddRows(destination, source, ids, skippedId, mode);
        double written = mode == WriteMode.Overwrite ? Written(destination) : 2 * RowsOf(destination, ids.Count);
        Record(nameof(ScatterAddRows), start, written + Read(source, ids));
    }

    /// <inheritdoc/>
    public void RmsNorm(Tensor destination, Tensor inverseRms, Tensor source, Tensor weight, double epsilon)
    {
        long start = Now();
        _inner.RmsNorm(destination, inverseRms, source, weight, epsilon);
        Record(nameof(RmsNorm), start, Written(destination) + Written(inverseRms) + Read(source, weight));
    }

    /// <inheritdoc/>
    public void RmsNormBackward(
        Tensor sourceGradient, WriteMode sourceMode, Tensor? weightGradient, WriteMode weightMode,
        Tensor gradient, Tensor source, Tensor inverseRms, Tensor weight)
    {
        long start = Now();
        _inner.RmsNormBackward(sourceGradient, sourceMode, weightGradient, weightMode, gradient, source, inverseRms, weight);
        Record(
            nameof(RmsNormBackward), start,
            Written(sourceGradient, sourceMode) + (weightGradient is null ? 0 : Written(weightGradient, weightMode))
            + Read(gradient, source, inverseRms, weight));
    }

    /// <inheritdoc/>
    public void Rotate(Tensor packed, RotateArguments arguments)
    {
        long start = Now();
        _inner.Rotate(packed, arguments);
        double turned = (double)packed.Shape[0] * packed.Shape[1] * arguments.HeadCount * 2 * arguments.Cosine.Shape[1] * packed.Type.ByteSize();
        double tables = RowsOf(arguments.Cosine, arguments.Positions.Count) + RowsOf(arguments.Sine, arguments.Positions.Count);
        Record(nameof(Rotate), start, (2 * turned) + tables + Read(arguments.Positions));
    }

    /// <inheritdoc/>
    public void SwiGlu(Tensor destination, Tensor gateUp)
    {
        long start = Now();
        _inner.SwiGlu(destination, gateUp);
        Record(nameof(SwiGlu), start, Written(destination) + Read(gateUp));
    }

    /// <inheritdoc/>
    public void SwiGluBackward(Tensor gateUpGradient, Tensor gradient, Tensor gateUp)
    {
        long start = Now();
        _inner.SwiGluBackward(gateUpGradient, gradient, gateUp);
        Record(nameof(SwiGluBackward), start, Written(gateUpGradient) + Read(gradient, gateUp));
    }

    /// <summary>Bytes of as many rows of a table as there are ids, but of each row once at most.</summary>
    private static double RowsOf(Tensor table, long ids) =>
        (double)Math.Min(ids, table.Shape.RowCount) * table.Shape.Last * table.Type.ByteSize();
}

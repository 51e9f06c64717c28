namespace BiPE.Core.Tensors;

public sealed partial class TimingBackend
{
    /// <inheritdoc/>
    public void Add(Tensor destination, Tensor a, Tensor b)
    {
        long start = Now();
        _inner.Add(destination, a, b);
        Record(nameof(Add), start, Written(destination) + Read(a, b));
    }

    /// <inheritdoc/>
    public void Multiply(Tensor destination, Tensor a, Tensor b, WriteMode mode = WriteMode.Overwrite)
    {
        long start = Now();
        _inner.Multiply(destination, a, b, mode);
        Record(nameof(Multiply), start, Written(destination, mode) + Read(a, b));
    }

    /// <inheritdoc/>
    public void AddScaled(Tensor destination, Tensor source, double alpha)
    {
        long start = Now();
        _inner.AddScaled(destination, source, alpha);
        Record(nameof(AddScaled), start, Written(destination, WriteMode.Accumulate) + Read(source));
    }

    /// <inheritdoc/>
    public void Scale(Tensor destination, Tensor source, double alpha)
    {
        long start = Now();
        _inner.Scale(destination, source, alpha);
        Record(nameof(Scale), start, Written(destination) + Read(source));
    }

    /// <inheritdoc/>
    public void Unary(Tensor destination, Tensor source, UnaryKind kind)
    {
        long start = Now();
        _inner.Unary(destination, source, kind);
        Record(nameof(Unary), start, Written(destination) + Read(source));
    }

    /// <inheritdoc/>
    public void UnaryBackward(Tensor sourceGradient, Tensor gradient, Tensor source, UnaryKind kind, WriteMode mode = WriteMode.Overwrite)
    {
        long start = Now();
        _inner.UnaryBackward(sourceGradient, gradient, source, kind, mode);
        Record(nameof(UnaryBackward), start, Written(sourceGradient, mode) + Read(gradient, source));
    }

    /// <inheritdoc/>
    public void SoftmaxRows(Tensor destination, Tensor source, bool causal)
    {
        long start = Now();
        _inner.SoftmaxRows(destination, source, causal);
        Record(nameof(SoftmaxRows), start, Written(destination) + Read(source));
    }

    /// <inheritdoc/>
    public void SoftmaxRowsBackward(Tensor sourceGradient, Tensor gradient, Tensor output, WriteMode mode = WriteMode.Overwrite)
    {
        long start = Now();
        _inner.SoftmaxRowsBackward(sourceGradient, gradient, output, mode);
        Record(nameof(SoftmaxRowsBackward), start, Written(sourceGradient, mode) + Read(gradient, output));
    }

    /// <inheritdoc/>
    public void CumulativeSum(Tensor destination, Tensor source, bool fromEnd)
    {
        long start = Now();
        _inner.CumulativeSum(destination, source, fromEnd);
        Record(nameof(CumulativeSum), start, Written(destination) + Read(source));
    }

    /// <inheritdoc/>
    public void InterpolateRows(Tensor destination, Tensor table, Tensor positions)
    {
        long start = Now();
        _inner.InterpolateRows(destination, table, positions);
        Record(nameof(InterpolateRows), start, Written(destination) + Read(table, positions));
    }

    /// <inheritdoc/>
    public void InterpolateRowsBackward(Tensor tableGradient, Tensor positionGradient, Tensor gradient, Tensor table, Tensor positions)
    {
        long start = Now();
        _inner.InterpolateRowsBackward(tableGradient, positionGradient, gradient, table, positions);
        Record(
            nameof(InterpolateRowsBackward), start, Written(tableGradient) + Written(positionGradient) + Read(gradient, table, positions));
    }

    /// <inheritdoc/>
    public void SumRows(Tensor destination, Tensor source, WriteMode mode = WriteMode.Overwrite)
    {
        long start = Now();
        _inner.SumRows(destination, source, mode);
        Record(nameof(SumRows), start, Written(destination, mode) + Read(source));
    }

    /// <inheritdoc/>
    public void CrossEntropy(Tensor losses, Tensor logits, Tensor labels, CrossEntropyOptions options)
    {
        long start = Now();
        _inner.CrossEntropy(losses, logits, labels, options);
        Record(
            nameof(CrossEntropy), start,
            Written(losses) + Read(logits, labels) + (options.WritesGradient ? Written(logits) : 0));
    }

    /// <inheritdoc/>
    public void SumOfSquares(Tensor destination, IReadOnlyList<Tensor> sources)
    {
        long start = Now();
        _inner.SumOfSquares(destination, sources);
        Record(nameof(SumOfSquares), start, Written(destination) + sources.Sum(source => (double)source.ByteLength));
    }

    /// <inheritdoc/>
    public void AdamWStep(AdamWTensors tensors, Tensor? sumOfSquares, AdamWOptions options)
    {
        long start = Now();
        _inner.AdamWStep(tensors, sumOfSquares, options);
        Record(
            nameof(AdamWStep), start,
            Written(tensors.Parameter, WriteMode.Accumulate) + Written(tensors.FirstMoment, WriteMode.Accumulate)
            + Written(tensors.SecondMoment, WriteMode.Accumulate) + Read(tensors.Gradient)
            + (tensors.ComputeCopy is { } copy ? Written(copy) : 0));
    }
}

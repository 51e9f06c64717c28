using BiPE.Core.Tensors;
using BiPE.Core.Tensors.Reference;
using BiPE.Cpu.Kernels;

namespace BiPE.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public void MatMul(Tensor destination, Tensor a, Tensor b, MatMulOptions options = default)
    {
        nint k = a.Shape[options.TransposeA ? 0 : 1];
        MatMulOperands operands = Operands(Floats(destination), Floats(a), Floats(b), destination.Shape[0], destination.Shape[1], k, options);
        byte* start = Address(b);
        if (((CpuBuffer)b.Buffer).Frozen is { } frozen)
        {
            start = ((CpuBuffer)b.Buffer).Start;
            operands.FrozenColumns = frozen[0];
            operands.FirstFrozenColumn = (nint)b.Offset / k;
        }

        if (b.Type == ElementType.BFloat16)
        {
            operands.B = null;
            operands.BFloat16B = (ushort*)start;
        }
        else
        {
            operands.B = (float*)start;
        }

        _kernels.MatMul(_context, operands);
    }

    /// <inheritdoc/>
    public void FreezeFactor(Tensor factor)
    {
        var buffer = (CpuBuffer)factor.Buffer;
        if (buffer.Frozen is not null)
        {
            return;
        }

        (nint rows, nint columns) = (factor.Shape[0], factor.Shape[1]);
        bool isFrozen = factor.Type == ElementType.BFloat16
            ? _kernels.TryFreeze(_context, (ushort*)Address(factor), rows, columns)
            : _kernels.TryFreeze(_context, Floats(factor), rows, columns);
        if (isFrozen)
        {
            buffer.Frozen = factor.Shape;
        }
    }

    /// <inheritdoc/>
    public void BatchedMatMul(Tensor destination, Tensor a, Tensor b, MatMulOptions options = default)
    {
        nint m = destination.Shape[1];
        nint n = destination.Shape[2];
        nint k = a.Shape[options.TransposeA ? 1 : 2];
        for (nint group = 0; group < destination.Shape[0]; group++)
        {
            _kernels.MatMul(
                _context, Operands(Floats(destination) + (group * m * n), Floats(a) + (group * m * k), Floats(b) + (group * k * n), m, n, k, options));
        }
    }

    /// <inheritdoc/>
    public void GatherRows(Tensor destination, Tensor table, Tensor ids, WriteMode mode = WriteMode.Overwrite)
    {
        CheckIds(nameof(GatherRows), nameof(ids), ids, table.Shape[0]);
        (nint rows, nint columns) = ((nint)ids.Count, Columns(table));
        if (table.Type == ElementType.BFloat16)
        {
            _kernels.Gather(_context, Floats(destination), (ushort*)Address(table), Integers(ids), rows, columns, Adds(mode));
        }
        else
        {
            _kernels.Gather(_context, Floats(destination), Floats(table), Integers(ids), rows, columns, Adds(mode));
        }
    }

    /// <inheritdoc/>
    public void ScatterAddRows(Tensor destination, Tensor source, Tensor ids, int skippedId, WriteMode mode)
    {
        CheckIds(nameof(ScatterAddRows), nameof(ids), ids, destination.Shape[0]);
        if (!Adds(mode))
        {
            Fill(destination, 0);
        }

        _kernels.ScatterAdd(_context, Floats(destination), Floats(source), Integers(ids), (nint)ids.Count, Columns(source), skippedId);
    }

    /// <inheritdoc/>
    public void RmsNorm(Tensor destination, Tensor inverseRms, Tensor source, Tensor weight, double epsilon) =>
        _kernels.RmsNorm(
            _context, Floats(destination), Floats(inverseRms), Floats(source), Floats(weight), Rows(source), Columns(source), epsilon);

    /// <inheritdoc/>
    public void RmsNormBackward(
        Tensor sourceGradient, WriteMode sourceMode, Tensor? weightGradient, WriteMode weightMode,
        Tensor gradient, Tensor source, Tensor inverseRms, Tensor weight) =>
        _kernels.RmsNormBackward(
            _context, Floats(sourceGradient), Adds(sourceMode), FloatsOrNull(weightGradient), Adds(weightMode),
            Floats(gradient), Floats(source), Floats(inverseRms), Floats(weight), Rows(source), Columns(source));

    /// <inheritdoc/>
    public void Rotate(Tensor packed, RotateArguments arguments)
    {
        CheckIds(nameof(Rotate), nameof(arguments.Positions), arguments.Positions, arguments.Cosine.Shape[0]);
        nint size = packed.Shape[3];
        nint rowLength = packed.Shape[2] * size;
        _kernels.Rotate(
            _context, Floats(packed) + (arguments.FirstHead * size), (nint)packed.Shape[0] * packed.Shape[1], rowLength, arguments.HeadCount, size,
            Floats(arguments.Cosine), Floats(arguments.Sine), Columns(arguments.Cosine), Integers(arguments.Positions), arguments.Transposed);
    }

    /// <inheritdoc/>
    public void SwiGlu(Tensor destination, Tensor gateUp) =>
        _kernels.SwiGlu(_context, Floats(destination), Floats(gateUp), Rows(destination), Columns(destination));

    /// <inheritdoc/>
    public void SwiGluBackward(Tensor gateUpGradient, Tensor gradient, Tensor gateUp) =>
        _kernels.SwiGluBackward(_context, Floats(gateUpGradient), Floats(gradient), Floats(gateUp), Rows(gradient), Columns(gradient));

    /// <inheritdoc/>
    public void CrossEntropy(Tensor losses, Tensor logits, Tensor labels, CrossEntropyOptions options)
    {
        CheckIds(nameof(CrossEntropy), nameof(labels), labels, logits.Shape[1], exempt: options.IgnoredLabel);
        _kernels.CrossEntropy(_context, Floats(losses), Floats(logits), Integers(labels), logits.Shape[0], Columns(logits), options);
    }

    /// <inheritdoc/>
    public void Add(Tensor destination, Tensor a, Tensor b) =>
        _kernels.Add(_context, Floats(destination), Floats(a), Floats(b), (nint)destination.Count);

    /// <inheritdoc/>
    public void Multiply(Tensor destination, Tensor a, Tensor b, WriteMode mode = WriteMode.Overwrite) =>
        _kernels.Multiply(_context, Floats(destination), Floats(a), Floats(b), (nint)destination.Count, Adds(mode));

    /// <inheritdoc/>
    public void AddScaled(Tensor destination, Tensor source, double alpha) =>
        _kernels.AddScaled(_context, Floats(destination), Floats(source), (nint)destination.Count, (float)alpha);

    /// <inheritdoc/>
    public void Scale(Tensor destination, Tensor source, double alpha) =>
        _kernels.Scale(_context, Floats(destination), Floats(source), (nint)destination.Count, (float)alpha);

    /// <inheritdoc/>
    public void Unary(Tensor destination, Tensor source, UnaryKind kind) =>
        _kernels.Unary(_context, Floats(destination), Floats(source), (nint)destination.Count, kind);

    /// <inheritdoc/>
    public void UnaryBackward(Tensor sourceGradient, Tensor gradient, Tensor source, UnaryKind kind, WriteMode mode = WriteMode.Overwrite) =>
        _kernels.UnaryBackward(
            _context, Floats(sourceGradient), Floats(gradient), Floats(source), (nint)source.Count, kind, Adds(mode));

    /// <inheritdoc/>
    public void SoftmaxRows(Tensor destination, Tensor source, bool causal) =>
        _kernels.SoftmaxRows(
            _context, Floats(destination), Floats(source), Rows(source), source.Shape[source.Shape.Rank - 2], Columns(source), causal);

    /// <inheritdoc/>
    public void SoftmaxRowsBackward(Tensor sourceGradient, Tensor gradient, Tensor output, WriteMode mode = WriteMode.Overwrite) =>
        _kernels.SoftmaxRowsBackward(
            _context, Floats(sourceGradient), Floats(gradient), Floats(output), Rows(output), Columns(output), Adds(mode));

    /// <inheritdoc/>
    public void CumulativeSum(Tensor destination, Tensor source, bool fromEnd) =>
        _kernels.CumulativeSum(_context, Floats(destination), Floats(source), Rows(source), Columns(source), fromEnd);

    /// <inheritdoc/>
    public void InterpolateRows(Tensor destination, Tensor table, Tensor positions) =>
        _kernels.InterpolateRows(_context, Floats(destination), Floats(table), Floats(positions), Rows(positions), Columns(table), Columns(positions));

    /// <inheritdoc/>
    public void InterpolateRowsBackward(Tensor tableGradient, Tensor positionGradient, Tensor gradient, Tensor table, Tensor positions) =>
        _kernels.InterpolateRowsBackward(
            _context, Floats(tableGradient), Floats(positionGradient), Floats(gradient), Floats(table), Floats(positions),
            Rows(table), Columns(table), Columns(positions));

    /// <inheritdoc/>
    public void SumRows(Tensor destination, Tensor source, WriteMode mode = WriteMode.Overwrite) =>
        _kernels.SumRows(_context, Floats(destination), Floats(source), source.Shape[0], source.Shape[1], Adds(mode));

    /// <inheritdoc/>
    public void SumOfSquares(Tensor destination, IReadOnlyList<Tensor> sources)
    {
        double sum = 0;
        foreach (Tensor source in sources)
        {
            sum += _kernels.SumOfSquares(_context, Floats(source), (nint)source.Count);
        }

        *Floats(destination) = (float)sum;
    }

    /// <inheritdoc/>
    public void AdamWStep(AdamWTensors tensors, Tensor? sumOfSquares, AdamWOptions options)
    {
        double clipFactor = sumOfSquares is null
            ? 1
            : ReferenceOperations<double>.ClipFactor(*Floats(sumOfSquares), options.MaximumGradientNorm);
        _kernels.AdamW(
            _context, Floats(tensors.Parameter), Floats(tensors.Gradient), Floats(tensors.FirstMoment), Floats(tensors.SecondMoment),
            (nint)tensors.Parameter.Count, clipFactor, options);
        if (tensors.ComputeCopy is { } copy)
        {
            Convert(copy, tensors.Parameter);
        }
    }

    private static MatMulOperands Operands(float* c, float* a, float* b, nint m, nint n, nint k, MatMulOptions options) =>
        MatMulOperands.RowMajor(c, a, b, m, n, k, options.TransposeA, options.TransposeB, (float)options.Alpha, Adds(options.Mode));
}

namespace BiPE.Core.Tensors;

/// <summary>
/// Wraps any backend and checks every call before it: shapes, element types, whose memory it is, use after release, and that
/// operands are the same or disjoint. Errors are <see cref="ArgumentException"/> with operation, argument, found and wanted.
/// </summary>
public sealed partial class ValidatingBackend : ITensorBackend
{
    private readonly ITensorBackend _inner;
    private readonly HashSet<TensorBuffer> _live = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<TensorBuffer> _frozen = new(ReferenceEqualityComparer.Instance);

    /// <summary>Wraps a backend and takes it over: disposing this disposes it.</summary>
    /// <param name="inner">The backend that computes.</param>
    public ValidatingBackend(ITensorBackend inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
    }

    /// <inheritdoc/>
    public BackendInfo Info => _inner.Info;

    /// <inheritdoc/>
    public MemoryUse Memory => _inner.Memory;

    /// <inheritdoc/>
    public Tensor Allocate(Shape shape, ElementType type)
    {
        TensorErrorForRank(shape);
        Tensor tensor = _inner.Allocate(shape, type);
        _live.Add(tensor.Buffer);
        return tensor;
    }

    /// <inheritdoc/>
    public void Release(Tensor tensor)
    {
        Live(nameof(Release), nameof(tensor), tensor, allowFrozen: true);
        _live.Remove(tensor.Buffer);
        _frozen.Remove(tensor.Buffer);
        _inner.Release(tensor);
    }

    /// <inheritdoc/>
    public void Upload<T>(Tensor destination, ReadOnlySpan<T> source)
        where T : unmanaged
    {
        Live(nameof(Upload), nameof(destination), destination);
        TensorError.Type(nameof(Upload), nameof(destination), destination, ElementTypes.Of<T>());
        TensorError.Count(nameof(Upload), nameof(destination), destination, source.Length);
        _inner.Upload(destination, source);
    }

    /// <inheritdoc/>
    public void Download<T>(Span<T> destination, Tensor source)
        where T : unmanaged
    {
        Live(nameof(Download), nameof(source), source, allowFrozen: true);
        TensorError.Type(nameof(Download), nameof(source), source, ElementTypes.Of<T>());
        TensorError.Count(nameof(Download), nameof(source), source, destination.Length);
        _inner.Download(destination, source);
    }

    /// <inheritdoc/>
    public void Copy(Tensor destination, Tensor source)
    {
        Check(nameof(Copy), (nameof(destination), destination), (nameof(source), source));
        TensorError.Count(nameof(Copy), nameof(source), source, destination.Count);
        TensorError.Type(nameof(Copy), nameof(source), source, destination.Type);
        _inner.Copy(destination, source);
    }

    /// <inheritdoc/>
    public void Fill(Tensor destination, double value)
    {
        Live(nameof(Fill), nameof(destination), destination);
        _inner.Fill(destination, value);
    }

    /// <inheritdoc/>
    public void Convert(Tensor destination, Tensor source)
    {
        Check(nameof(Convert), (nameof(destination), destination), (nameof(source), source));
        TensorError.Count(nameof(Convert), nameof(source), source, destination.Count);
        _inner.Convert(destination, source);
    }

    /// <inheritdoc/>
    public void Synchronize() => _inner.Synchronize();

    /// <inheritdoc/>
    public void Dispose() => _inner.Dispose();

    private static void TensorErrorForRank(Shape shape)
    {
        if (shape.Rank == 0)
        {
            throw new ArgumentException("Allocate: 'shape' has no axes, expected one to four.", nameof(shape));
        }
    }

    private static bool Overlaps(Tensor a, Tensor b)
    {
        if (!ReferenceEquals(a.Buffer, b.Buffer))
        {
            return false;
        }

        long aStart = a.Offset * a.Type.ByteSize();
        long bStart = b.Offset * b.Type.ByteSize();
        return aStart < bStart + b.ByteLength && bStart < aStart + a.ByteLength;
    }

    private static bool SameStart(Tensor a, Tensor b) => a.Offset == b.Offset && a.ByteLength == b.ByteLength;

    private void Live(string operation, string argument, Tensor tensor, bool allowFrozen = false)
    {
        ArgumentNullException.ThrowIfNull(tensor, argument);
        if (tensor.Buffer.IsReleased)
        {
            throw new ArgumentException($"{operation}: '{argument}' {tensor.Shape} was released.", argument);
        }

        if (!_live.Contains(tensor.Buffer))
        {
            throw new ArgumentException($"{operation}: '{argument}' {tensor.Shape} belongs to another backend than this {Info.Name}.", argument);
        }

        if (!allowFrozen && _frozen.Contains(tensor.Buffer))
        {
            throw new ArgumentException(
                $"{operation}: '{argument}' {tensor.Shape} was frozen and can only be the transposed second factor of {nameof(MatMul)}.", argument);
        }
    }

    /// <summary>All operands live; the first, which is written, may be the same as another where that is said, and else must be disjoint.</summary>
    private void Check(string operation, (string Name, Tensor Tensor) destination, params ReadOnlySpan<(string Name, Tensor Tensor)> sources) =>
        Check(operation, destination, allowSame: true, sources);

    private void CheckDisjoint(
        string operation, (string Name, Tensor Tensor) destination, params ReadOnlySpan<(string Name, Tensor Tensor)> sources) =>
        Check(operation, destination, allowSame: false, sources);

    private void Check(
        string operation, (string Name, Tensor Tensor) destination, bool allowSame, ReadOnlySpan<(string Name, Tensor Tensor)> sources)
    {
        Live(operation, destination.Name, destination.Tensor);
        foreach ((string name, Tensor tensor) in sources)
        {
            Live(operation, name, tensor);
            RequireDisjoint(operation, destination, (name, tensor), allowSame);
        }
    }

    private static void RequireDisjoint(
        string operation, (string Name, Tensor Tensor) destination, (string Name, Tensor Tensor) source, bool allowSame)
    {
        if (Overlaps(destination.Tensor, source.Tensor) && !(allowSame && SameStart(destination.Tensor, source.Tensor)))
        {
            throw new ArgumentException(
                $"{operation}: '{destination.Name}' overlaps '{source.Name}'; they must {(allowSame ? "be the same or disjoint" : "be disjoint")}.",
                destination.Name);
        }
    }

    private void Activation(string operation, string argument, Tensor tensor) =>
        TensorError.Type(operation, argument, tensor, Info.ActivationType);

    private void Statistic(string operation, string argument, Tensor tensor) =>
        TensorError.Type(operation, argument, tensor, Info.StatisticsType);

    /// <summary>One of the two types that the backend computes in: kernels would read any other as one of them, and beyond its end.</summary>
    private void FloatingPoint(string operation, string argument, Tensor tensor)
    {
        TensorError.Condition(
            operation, argument, tensor.Type != ElementType.Int32, $"'{argument}' is {tensor.Type}, expected a floating-point type");
        if (tensor.Type != Info.StatisticsType)
        {
            Activation(operation, argument, tensor);
        }
    }

    private static void Integers(string operation, string argument, Tensor tensor) =>
        TensorError.Type(operation, argument, tensor, ElementType.Int32);
}

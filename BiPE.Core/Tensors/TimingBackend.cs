namespace BiPE.Core.Tensors;

/// <summary>
/// Wraps any backend and records calls, time, floating-point operations and bytes of every operation. Results are the inner
/// backend's, bit for bit. Each operation is waited for, so a device that computes behind the host's back cannot overlap
/// them while it is timed.
/// </summary>
public sealed partial class TimingBackend : ITensorBackend
{
    private readonly ITensorBackend _inner;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, OperationTiming> _timings = new(StringComparer.Ordinal);
    private bool _isRecording = true;

    /// <summary>Wraps a backend and takes it over: disposing this disposes it.</summary>
    /// <param name="inner">The backend that computes.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public TimingBackend(ITensorBackend inner, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Whether operations are timed; if not, they are handed on and not waited for. True at first.</summary>
    public bool IsRecording
    {
        get => _isRecording;
        set
        {
            if (value && !_isRecording)
            {
                // What was asked for before must not count for the first operation that is timed.
                _inner.Synchronize();
            }

            _isRecording = value;
        }
    }

    /// <summary>What was recorded, the operation that took longest first.</summary>
    public IReadOnlyList<OperationTiming> Timings =>
        [.. _timings.Values.OrderByDescending(timing => timing.Seconds).ThenBy(timing => timing.Operation, StringComparer.Ordinal)];

    /// <summary>Forgets what was recorded.</summary>
    public void Reset() => _timings.Clear();

    /// <inheritdoc/>
    public BackendInfo Info => _inner.Info;

    /// <inheritdoc/>
    public MemoryUse Memory => _inner.Memory;

    /// <inheritdoc/>
    public Tensor Allocate(Shape shape, ElementType type)
    {
        long start = Now();
        Tensor tensor = _inner.Allocate(shape, type);
        Record(nameof(Allocate), start);
        return tensor;
    }

    /// <inheritdoc/>
    public void Release(Tensor tensor)
    {
        long start = Now();
        _inner.Release(tensor);
        Record(nameof(Release), start);
    }

    /// <inheritdoc/>
    public void Upload<T>(Tensor destination, ReadOnlySpan<T> source)
        where T : unmanaged
    {
        long start = Now();
        _inner.Upload(destination, source);
        Record(nameof(Upload), start, Written(destination));
    }

    /// <inheritdoc/>
    public void Download<T>(Span<T> destination, Tensor source)
        where T : unmanaged
    {
        long start = Now();
        _inner.Download(destination, source);
        Record(nameof(Download), start, Read(source));
    }

    /// <inheritdoc/>
    public void Copy(Tensor destination, Tensor source)
    {
        long start = Now();
        _inner.Copy(destination, source);
        Record(nameof(Copy), start, Written(destination) + Read(source));
    }

    /// <inheritdoc/>
    public void Fill(Tensor destination, double value)
    {
        long start = Now();
        _inner.Fill(destination, value);
        Record(nameof(Fill), start, Written(destination));
    }

    /// <inheritdoc/>
    public void Convert(Tensor destination, Tensor source)
    {
        long start = Now();
        _inner.Convert(destination, source);
        Record(nameof(Convert), start, Written(destination) + Read(source));
    }

    /// <inheritdoc/>
    public void Synchronize()
    {
        long start = Now();
        _inner.Synchronize();
        Record(nameof(Synchronize), start);
    }

    /// <inheritdoc/>
    public void Dispose() => _inner.Dispose();

    /// <summary>Bytes of a result: written, and read before if it is added to.</summary>
    private static double Written(Tensor tensor, WriteMode mode = WriteMode.Overwrite) =>
        mode == WriteMode.Accumulate ? 2.0 * tensor.ByteLength : tensor.ByteLength;

    /// <summary>Bytes of operands; one that is given twice is read once.</summary>
    private static double Read(params ReadOnlySpan<Tensor> tensors)
    {
        double bytes = 0;
        for (int i = 0; i < tensors.Length; i++)
        {
            bool isFirst = true;
            for (int j = 0; j < i; j++)
            {
                isFirst &= !ReferenceEquals(tensors[i].Buffer, tensors[j].Buffer) || tensors[i].Offset != tensors[j].Offset;
            }

            bytes += isFirst ? tensors[i].ByteLength : 0;
        }

        return bytes;
    }

    private long Now() => _isRecording ? _time.GetTimestamp() : 0;

    private void Record(string operation, long start, double bytes = 0, double flops = 0)
    {
        if (!_isRecording)
        {
            return;
        }

        _inner.Synchronize();
        double seconds = _time.GetElapsedTime(start).TotalSeconds;
        OperationTiming before = _timings.GetValueOrDefault(operation) ?? new OperationTiming(operation, 0, 0, 0, 0);
        _timings[operation] = new OperationTiming(
            operation, before.Calls + 1, before.Seconds + seconds, before.Flops + flops, before.Bytes + bytes);
    }
}

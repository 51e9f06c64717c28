using BiPE.Core.Tensors;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu;

/// <summary>
/// The tensor operations in float32 on the processor's vectors and threads. Results do not depend on the number of threads.
/// It checks nothing; wrap it in <see cref="ValidatingBackend"/> for that.
/// </summary>
public sealed unsafe partial class CpuBackend : ITensorBackend
{
    private readonly KernelContext _context;
    private readonly KernelSet _kernels;
    private readonly CpuMemoryPool _memory;

    /// <summary>Starts the backend's threads.</summary>
    /// <param name="options">Settings; null for the defaults.</param>
    public CpuBackend(CpuBackendOptions? options = null)
    {
        options ??= new CpuBackendOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads, nameof(options));
        Threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        Width = options.Width ?? SimdWidths.Widest;
        _context = new KernelContext(Threads);
        _kernels = KernelSet.Of(Width);
        _memory = new CpuMemoryPool(options.ChecksMemory);
        Info = new BackendInfo(
            "cpu", $"{Threads} threads, vectors of {CpuBackendProvider.Describe(Width)}", ElementType.Float32, ElementType.Float32);
    }

    /// <inheritdoc/>
    public BackendInfo Info { get; }

    /// <summary>Threads that compute.</summary>
    public int Threads { get; }

    /// <summary>Width of vectors.</summary>
    public SimdWidth Width { get; }

    /// <inheritdoc/>
    public MemoryUse Memory => _memory.Use;

    /// <inheritdoc/>
    public Tensor Allocate(Shape shape, ElementType type) => new(_memory.Take(shape.Count * type.ByteSize()), shape, type);

    /// <inheritdoc/>
    public void Release(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        _memory.Return((CpuBuffer)tensor.Buffer);
    }

    /// <inheritdoc/>
    public void Upload<T>(Tensor destination, ReadOnlySpan<T> source)
        where T : unmanaged
    {
        fixed (T* from = source)
        {
            Buffer.MemoryCopy(from, Address(destination), destination.ByteLength, destination.ByteLength);
        }
    }

    /// <inheritdoc/>
    public void Download<T>(Span<T> destination, Tensor source)
        where T : unmanaged
    {
        fixed (T* to = destination)
        {
            Buffer.MemoryCopy(Address(source), to, source.ByteLength, source.ByteLength);
        }
    }

    /// <inheritdoc/>
    public void Copy(Tensor destination, Tensor source) =>
        Buffer.MemoryCopy(Address(source), Address(destination), destination.ByteLength, destination.ByteLength);

    /// <inheritdoc/>
    public void Fill(Tensor destination, double value)
    {
        switch (destination.Type)
        {
            case ElementType.Float32:
                Fill(destination, (float)value);
                break;
            case ElementType.Int32:
                Fill(destination, (int)value);
                break;
            case ElementType.BFloat16:
                Fill(destination, BFloat16Bits.FromSingle((float)value));
                break;
            default:
                Fill(destination, value: (long)BitConverter.DoubleToUInt64Bits(value));
                break;
        }
    }

    /// <inheritdoc/>
    public void Convert(Tensor destination, Tensor source)
    {
        if (destination.Type == source.Type)
        {
            Copy(destination, source);
        }
        else if (source.Type == ElementType.Float64 || destination.Type == ElementType.Float64)
        {
            this.WriteDoubles(destination, this.ReadDoubles(source));
        }
        else
        {
            this.WriteFloats(destination, this.ReadFloats(source));
        }
    }

    /// <inheritdoc/>
    public void Synchronize()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _context.Dispose();
        _memory.Dispose();
    }

    private static byte* Address(Tensor tensor) => ((CpuBuffer)tensor.Buffer).Start + (tensor.Offset * tensor.Type.ByteSize());

    private static float* Floats(Tensor tensor) => (float*)Address(tensor);

    private static float* FloatsOrNull(Tensor? tensor) => tensor is null ? null : Floats(tensor);

    private static int* Integers(Tensor tensor) => (int*)Address(tensor);

    private static nint Rows(Tensor tensor) => (nint)tensor.Shape.RowCount;

    private static nint Columns(Tensor tensor) => tensor.Shape.Last;

    private static bool Adds(WriteMode mode) => mode == WriteMode.Accumulate;

    private static void Fill<T>(Tensor destination, T value)
        where T : unmanaged
    {
        byte* start = Address(destination);
        const int Piece = 1 << 24;
        for (long first = 0; first < destination.Count; first += Piece)
        {
            int count = (int)Math.Min(Piece, destination.Count - first);
            new Span<T>(start + (first * sizeof(T)), count).Fill(value);
        }
    }
}

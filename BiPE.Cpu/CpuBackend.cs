using BiPE.Core.Tensors;
using BiPE.Cpu.Kernels;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu;

/// <summary>
/// The tensor operations in float32 on the processor's vectors and threads. Results do not depend on the number of threads.
/// It checks ids and positions, because they index memory, and nothing else; wrap it in <see cref="ValidatingBackend"/> for that.
/// </summary>
public sealed unsafe partial class CpuBackend : ITensorBackend
{
    private readonly KernelContext _context;
    private readonly KernelSet _kernels;
    private readonly ICpuMemory _memory;

    /// <summary>Starts the backend's threads.</summary>
    /// <param name="options">Settings; null for the defaults.</param>
    public CpuBackend(CpuBackendOptions? options = null)
        : this(options ?? new CpuBackendOptions(), new CpuMemoryPool(options?.ChecksMemory ?? false))
    {
    }

    /// <summary>Starts a backend over other memory.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="memory">Where tensors get their memory; disposed with the backend.</param>
    internal CpuBackend(CpuBackendOptions options, ICpuMemory memory)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads, nameof(options));
        if (options.FrozenType is not (ElementType.Float32 or ElementType.BFloat16))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.FrozenType, "Frozen matrices are Float32 or BFloat16.");
        }

        // More threads than processors would wait for each other's chunks: a small model's training took half as long again with twice as many.
        Threads = Math.Min(options.Threads == 0 ? int.MaxValue : options.Threads, Environment.ProcessorCount);
        Width = options.Width ?? SimdWidths.Widest;
        _context = new KernelContext(Threads);
        _kernels = KernelSet.Of(Width);
        _memory = memory;
        Info = new BackendInfo(
            "cpu", $"{Threads} threads, vectors of {CpuBackendProvider.Describe(Width)}", ElementType.Float32, ElementType.Float32)
        {
            FrozenType = options.FrozenType,
            JoinsMemory = true,
        };
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
            var buffer = (CpuBuffer)source.Buffer;
            if (buffer.Frozen is { } frozen)
            {
                if (source.Type == ElementType.BFloat16)
                {
                    _kernels.ReadFrozen((ushort*)to, (ushort*)buffer.Start, frozen[0], frozen[1], (nint)source.Offset, (nint)source.Count);
                }
                else
                {
                    _kernels.ReadFrozen((float*)to, (float*)buffer.Start, frozen[0], frozen[1], (nint)source.Offset, (nint)source.Count);
                }

                return;
            }

            Buffer.MemoryCopy(Address(source), to, source.ByteLength, source.ByteLength);
        }
    }

    /// <inheritdoc/>
    public void Copy(Tensor destination, Tensor source) =>
        MemoryKernels.Copy(_context, Address(destination), Address(source), (nint)destination.ByteLength);

    /// <inheritdoc/>
    public void Fill(Tensor destination, double value)
    {
        nint count = (nint)destination.Count;
        switch (destination.Type)
        {
            case ElementType.Float32:
                MemoryKernels.Fill(_context, Floats(destination), count, (float)value);
                break;
            case ElementType.Int32:
                MemoryKernels.Fill(_context, Integers(destination), count, (int)value);
                break;
            case ElementType.BFloat16:
                MemoryKernels.Fill(_context, (ushort*)Address(destination), count, BFloat16Bits.FromSingle((float)value));
                break;
            default:
                MemoryKernels.Fill(_context, (double*)Address(destination), count, value);
                break;
        }
    }

    /// <inheritdoc/>
    public void Convert(Tensor destination, Tensor source)
    {
        switch (source.Type, destination.Type)
        {
            case var (from, to) when from == to:
                Copy(destination, source);
                break;
            case (ElementType.Float32, ElementType.BFloat16):
                MemoryKernels.ToBFloat16(_context, (ushort*)Address(destination), Floats(source), (nint)source.Count);
                break;
            case (ElementType.BFloat16, ElementType.Float32):
                MemoryKernels.FromBFloat16(_context, Floats(destination), (ushort*)Address(source), (nint)source.Count);
                break;
            default:
                // Nothing computes in float64 here; such tensors are only stored.
                this.WriteDoubles(destination, this.ReadDoubles(source));
                break;
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

    /// <summary>Ids index memory, so a wrong one must stop here.</summary>
    private static void CheckIds(string operation, string argument, Tensor ids, int limit, int? exempt = null)
    {
        int* values = Integers(ids);
        for (nint i = 0; i < (nint)ids.Count; i++)
        {
            if ((uint)values[i] >= (uint)limit && values[i] != exempt)
            {
                throw new ArgumentOutOfRangeException(
                    argument, values[i], $"{operation}: '{argument}' holds {values[i]} at index {i}, expected 0 to {limit - 1}.");
            }
        }
    }
}

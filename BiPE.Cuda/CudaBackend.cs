using BiPE.Core;
using BiPE.Core.Tensors;
using BiPE.Cuda.CuBlas;
using BiPE.Cuda.Devices;
using BiPE.Cuda.Kernels;
using BiPE.Cuda.Launching;
using BiPE.Cuda.Memory;
using BiPE.Cuda.Products;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda;

/// <summary>
/// The tensor operations on an NVIDIA device: kernels written in C#, matrix products by cuBLAS, everything on one stream, in
/// order. The same kernels run on a simulated device without one. Ids and positions are not checked, because that would wait for
/// the device; what wrong ones read becomes NaN. The rest is checked by <see cref="ValidatingBackend"/>.
/// </summary>
public sealed partial class CudaBackend : ITensorBackend
{
    private readonly Context _context;
    private readonly Accelerator _accelerator;
    private readonly AcceleratorStream _stream;
    private readonly KernelLauncher _launcher;
    private readonly CudaMemoryPool _memory;
    private readonly IMatrixMultiplier _multiplier;
    private readonly ElementType _activationType;
    private bool _isDisposed;

    private CudaBackend(
        Context context, Accelerator accelerator, IKernelLoader kernels, IDeviceMemory memory, CudaPrecision precision,
        Func<CudaBackend, IMatrixMultiplier> createMultiplier)
    {
        _context = context;
        _accelerator = accelerator;
        _stream = accelerator.CreateStream();
        _launcher = new KernelLauncher(kernels, _stream);
        _memory = new CudaMemoryPool(memory);
        _activationType = precision == CudaPrecision.BFloat16 ? ElementType.BFloat16 : ElementType.Float32;
        try
        {
            _multiplier = createMultiplier(this);
        }
        catch
        {
            DisposeDevice();
            throw;
        }

        string device = accelerator is CudaAccelerator cuda
            ? $"{cuda.Name}, compute capability {cuda.Architecture.Major}.{cuda.Architecture.Minor}, {_multiplier.Name}"
            : $"simulated, warps of {kernels.Plan.WarpSize}, {_multiplier.Name}";
        Info = new BackendInfo("cuda", $"{device}, {Describe(precision)}", _activationType, ElementType.Float32)
        {
            ProductPrecision = precision == CudaPrecision.TensorFloat32 ? "TF32" : null,
            TokensAtOnce = 8192,
        };
    }

    /// <inheritdoc/>
    public BackendInfo Info { get; }

    /// <inheritdoc/>
    public MemoryUse Memory => _memory.Use;

    /// <summary>Opens a device.</summary>
    /// <param name="device">Its number, from 0, in the driver's order.</param>
    /// <param name="precision">What to compute in.</param>
    /// <exception cref="BipeException">There is no such device, or cuBLAS is missing; the message says which.</exception>
    public static CudaBackend Open(int device = 0, CudaPrecision precision = CudaPrecision.BFloat16)
    {
        _ = new CudaDevices(new NvidiaDriver()).Require(device);

        // A context of its own, which goes with the backend, and needs no devices to make an accelerator of one.
        Context context = Context.Create(builder => Configure(builder));
        try
        {
            CudaAccelerator accelerator = DriverDevices.All[device].CreateCudaAccelerator(context);
            return new CudaBackend(
                context, accelerator, new AcceleratorKernels(accelerator), new AcceleratorMemory(accelerator), precision, backend => new CuBlasMultiplier(
                    accelerator, (CudaStream)backend._stream, backend._memory, precision == CudaPrecision.TensorFloat32,
                    new KernelMultiplier(backend._launcher)));
        }
        catch (Exception e) when (e is CudaException or NotSupportedException or InvalidOperationException)
        {
            context.Dispose();
            throw new BipeException(
                $"The CUDA device {device} could not be opened ({e.Message.TrimEnd('.')}); check it with nvidia-smi, or use --backend cpu.", e);
        }
    }

    /// <summary>Opens a simulated device, on which every kernel runs as it would on a real one, slowly, and products on the host.</summary>
    /// <param name="precision">What to compute in.</param>
    /// <param name="warpSize">Threads of a warp; NVIDIA's have 32, fewer are faster to simulate.</param>
    /// <param name="warps">Warps of a group.</param>
    /// <param name="memory">Where memory comes from; null for as much as there is.</param>
    /// <param name="multiplier">What computes products; null for the host.</param>
    /// <param name="usesProductKernel">Whether products are computed by the kernel that real devices use for what cuBLAS does not.</param>
    /// <param name="kernels">What runs kernels in the device's place; null for the device.</param>
    internal static CudaBackend OpenSimulated(
        CudaPrecision precision, int warpSize = 32, int warps = 2, Func<Accelerator, IDeviceMemory>? memory = null, IMatrixMultiplier? multiplier = null,
        bool usesProductKernel = false, IKernelLoader? kernels = null)
    {
        Context context = Context.Create(builder => Configure(builder).CPU(new CPUDevice(warpSize, warps, 1)));
        CPUAccelerator accelerator = context.GetCPUDevice(0).CreateCPUAccelerator(context, CPUAcceleratorMode.Parallel, ThreadPriority.Normal);
        return new CudaBackend(
            context, accelerator, kernels ?? new AcceleratorKernels(accelerator), memory?.Invoke(accelerator) ?? new AcceleratorMemory(accelerator), precision,
            backend => multiplier ?? (usesProductKernel ? new KernelMultiplier(backend._launcher) : new HostMultiplier(backend._stream)));
    }

    /// <summary>How kernels are compiled.</summary>
    /// <param name="builder">A context's settings.</param>
    internal static Context.Builder Configure(Context.Builder builder) =>
        builder.Optimize(OptimizationLevel.O2).Inlining(InliningMode.Aggressive);

    /// <inheritdoc/>
    public Tensor Allocate(Shape shape, ElementType type) => new(_memory.Take(shape.Count * type.ByteSize()), shape, type);

    /// <inheritdoc/>
    public void Release(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        _memory.Return((CudaBuffer)tensor.Buffer);
    }

    /// <inheritdoc/>
    public void Upload<T>(Tensor destination, ReadOnlySpan<T> source)
        where T : unmanaged
    {
        if (source.Length > 0)
        {
            try
            {
                View<T>(destination).CopyFromCPU(_stream, source);
            }
            catch (CudaException e)
            {
                throw DeviceFault.Of(e);
            }
        }
    }

    /// <inheritdoc/>
    public void Download<T>(Span<T> destination, Tensor source)
        where T : unmanaged
    {
        if (destination.Length > 0)
        {
            try
            {
                View<T>(source).CopyToCPU(_stream, destination);
                _stream.Synchronize();
            }
            catch (CudaException e)
            {
                throw DeviceFault.Of(e);
            }
        }
    }

    /// <inheritdoc/>
    public void Copy(Tensor destination, Tensor source)
    {
        bool same = ReferenceEquals(destination.Buffer, source.Buffer) && destination.Offset == source.Offset;
        if (source.Count > 0 && !same)
        {
            try
            {
                Bytes(destination).CopyFrom(_stream, Bytes(source));
            }
            catch (CudaException e)
            {
                throw DeviceFault.Of(e);
            }
        }
    }

    /// <inheritdoc/>
    public void Fill(Tensor destination, double value)
    {
        switch (destination.Type)
        {
            case ElementType.Float32:
                FillElements(destination, (float)value);
                break;
            case ElementType.Int32:
                FillElements(destination, (int)value);
                break;
            case ElementType.BFloat16:
                FillElements(destination, BFloat16Bits.FromSingle((float)value));
                break;
            default:
                FillElements(destination, value);
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
                Elementwise<ushort, BFloat16Format, float, Float32Format, IdentityOperation>(destination, source, source, 1);
                break;
            case (ElementType.BFloat16, ElementType.Float32):
                Elementwise<float, Float32Format, ushort, BFloat16Format, IdentityOperation>(destination, source, source, 1);
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
        try
        {
            _stream.Synchronize();
        }
        catch (CudaException e)
        {
            throw DeviceFault.Of(e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        DeviceFault.Dispose(_multiplier);
        DisposeDevice();
    }

    private static string Describe(CudaPrecision precision) => precision switch
    {
        CudaPrecision.BFloat16 => "bfloat16",
        CudaPrecision.TensorFloat32 => "float32 with TF32 products",
        _ => "float32",
    };

    private static ArrayView<T> View<T>(Tensor tensor)
        where T : unmanaged =>
        ((CudaBuffer)tensor.Buffer).Memory.View.AsContiguous().Cast<T>().SubView(tensor.Offset, tensor.Count);

    private static ArrayView<byte> Bytes(Tensor tensor)
    {
        int size = tensor.Type.ByteSize();
        return ((CudaBuffer)tensor.Buffer).Memory.View.AsContiguous().SubView(tensor.Offset * size, tensor.Count * size);
    }

    /// <summary>1 if octets can be read by accesses of 16 bytes: tensors start at multiples of 16 bytes and rows are whole octets.</summary>
    private static int Wide(long rowLength, params ReadOnlySpan<Tensor> tensors)
    {
        bool wide = rowLength % Octet.Length == 0;
        foreach (Tensor tensor in tensors)
        {
            wide &= AddressOf(tensor) % 16 == 0;
        }

        return wide ? 1 : 0;
    }

    private static long AddressOf(Tensor tensor) => ((CudaBuffer)tensor.Buffer).Address + (tensor.Offset * tensor.Type.ByteSize());

    private static int Flag(WriteMode mode) => mode == WriteMode.Accumulate ? 1 : 0;

    private static long Octets(long count) => (count + Octet.Length - 1) / Octet.Length;

    private void FillElements<T>(Tensor destination, T value)
        where T : unmanaged
    {
        ArrayView<T> all = View<T>(destination);
        int size = destination.Type.ByteSize();
        int ofPattern = FillPattern.Length / size;
        long before = Math.Min((-AddressOf(destination) / size) & (ofPattern - 1), all.Length);
        long patterns = (all.Length - before) / ofPattern;
        long behind = all.Length - before - (patterns * ofPattern);
        _launcher.PerThread(ElementwiseKernels.Fill, Math.Max(patterns, Math.Max(before, behind)), new FillArguments<T>
        {
            Before = Part(0, before),
            Whole = Part(before, patterns * ofPattern).Cast<FillPattern>(),
            Behind = Part(all.Length - behind, behind),
            Pattern = FillPattern.Of(value),
            Value = value,
        });

        // A view of nothing may not start behind the last element.
        ArrayView<T> Part(long first, long count) => all.SubView(count == 0 ? 0 : first, count);
    }

    private void DisposeDevice()
    {
        _memory.Dispose();
        DeviceFault.Dispose(_stream);
        DeviceFault.Dispose(_accelerator);
        DeviceFault.Dispose(_context);
    }
}

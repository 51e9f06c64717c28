using BiPE.Core.Tensors;
using BiPE.Cuda.Kernels;

namespace BiPE.Cuda;

public sealed partial class CudaBackend
{
    /// <inheritdoc/>
    public void Add(Tensor destination, Tensor a, Tensor b) => Elementwise<AddOperation>(destination, a, b);

    /// <inheritdoc/>
    public void Multiply(Tensor destination, Tensor a, Tensor b, WriteMode mode = WriteMode.Overwrite)
    {
        if (mode == WriteMode.Overwrite)
        {
            Elementwise<MultiplyOperation>(destination, a, b);
        }
        else
        {
            Elementwise<MultiplyAddOperation>(destination, a, b);
        }
    }

    /// <inheritdoc/>
    public void AddScaled(Tensor destination, Tensor source, double alpha) =>
        Elementwise<AddScaledOperation>(destination, source, source, (float)alpha);

    /// <inheritdoc/>
    public void Scale(Tensor destination, Tensor source, double alpha) =>
        Elementwise<ScaleOperation>(destination, source, source, (float)alpha);

    /// <inheritdoc/>
    public void Unary(Tensor destination, Tensor source, UnaryKind kind)
    {
        switch (kind)
        {
            case UnaryKind.Silu:
                Elementwise<UnaryOperation<SiluFunction>>(destination, source, source);
                break;
            case UnaryKind.Sigmoid:
                Elementwise<UnaryOperation<SigmoidFunction>>(destination, source, source);
                break;
            case UnaryKind.Relu:
                Elementwise<UnaryOperation<ReluFunction>>(destination, source, source);
                break;
            case UnaryKind.Tanh:
                Elementwise<UnaryOperation<TanhFunction>>(destination, source, source);
                break;
            case UnaryKind.Exp:
                Elementwise<UnaryOperation<ExpFunction>>(destination, source, source);
                break;
            case UnaryKind.Log:
                Elementwise<UnaryOperation<LogFunction>>(destination, source, source);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown function.");
        }
    }

    /// <inheritdoc/>
    public void UnaryBackward(Tensor sourceGradient, Tensor gradient, Tensor source, UnaryKind kind, WriteMode mode = WriteMode.Overwrite)
    {
        switch (kind)
        {
            case UnaryKind.Silu:
                UnaryBackward<SiluFunction>(sourceGradient, gradient, source, mode);
                break;
            case UnaryKind.Sigmoid:
                UnaryBackward<SigmoidFunction>(sourceGradient, gradient, source, mode);
                break;
            case UnaryKind.Relu:
                UnaryBackward<ReluFunction>(sourceGradient, gradient, source, mode);
                break;
            case UnaryKind.Tanh:
                UnaryBackward<TanhFunction>(sourceGradient, gradient, source, mode);
                break;
            case UnaryKind.Exp:
                UnaryBackward<ExpFunction>(sourceGradient, gradient, source, mode);
                break;
            case UnaryKind.Log:
                UnaryBackward<LogFunction>(sourceGradient, gradient, source, mode);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown function.");
        }
    }

    private void UnaryBackward<TFunction>(Tensor sourceGradient, Tensor gradient, Tensor source, WriteMode mode)
        where TFunction : struct, IUnaryFunction
    {
        if (mode == WriteMode.Overwrite)
        {
            Elementwise<UnaryBackwardOperation<TFunction>>(sourceGradient, gradient, source);
        }
        else
        {
            Elementwise<UnaryBackwardAddOperation<TFunction>>(sourceGradient, gradient, source);
        }
    }

    /// <summary>An operation of tensors of one type.</summary>
    private void Elementwise<TOperation>(Tensor destination, Tensor first, Tensor second, float factor = 1)
        where TOperation : struct, IElementwise
    {
        if (destination.Type == ElementType.BFloat16)
        {
            Elementwise<ushort, BFloat16Format, ushort, BFloat16Format, TOperation>(destination, first, second, factor);
        }
        else
        {
            Elementwise<float, Float32Format, float, Float32Format, TOperation>(destination, first, second, factor);
        }
    }

    private void Elementwise<TTo, TToFormat, TFrom, TFromFormat, TOperation>(Tensor destination, Tensor first, Tensor second, float factor)
        where TTo : unmanaged
        where TToFormat : struct, IFormat<TTo>
        where TFrom : unmanaged
        where TFromFormat : struct, IFormat<TFrom>
        where TOperation : struct, IElementwise =>
        _launcher.PerThread(
            ElementwiseKernels.Apply<TTo, TToFormat, TFrom, TFromFormat, TOperation>, Octets(destination.Count),
            new ElementwiseArguments<TTo, TFrom>
            {
                Destination = View<TTo>(destination),
                First = View<TFrom>(first),
                Second = View<TFrom>(second),
                Count = destination.Count,
                Factor = factor,
                Wide = Wide(Octet.Length, destination, first, second),
            });
}

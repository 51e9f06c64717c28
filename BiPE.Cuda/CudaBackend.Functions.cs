using BiPE.Core.Tensors;
using BiPE.Cuda.Kernels;

namespace BiPE.Cuda;

public sealed partial class CudaBackend
{
    /// <inheritdoc/>
    public void SwiGlu(Tensor destination, Tensor gateUp)
    {
        RequireSameType(nameof(SwiGlu), destination, gateUp);
        if (gateUp.Type == ElementType.BFloat16)
        {
            SwiGlu<ushort, BFloat16Format>(destination, gateUp);
        }
        else
        {
            SwiGlu<float, Float32Format>(destination, gateUp);
        }
    }

    /// <inheritdoc/>
    public void SwiGluBackward(Tensor gateUpGradient, Tensor gradient, Tensor gateUp)
    {
        RequireSameType(nameof(SwiGluBackward), gradient, gateUp);
        if (gateUp.Type == ElementType.BFloat16)
        {
            SwiGluBackward<ushort, BFloat16Format>(gateUpGradient, gradient, gateUp);
        }
        else
        {
            SwiGluBackward<float, Float32Format>(gateUpGradient, gradient, gateUp);
        }
    }

    /// <inheritdoc/>
    public void CrossEntropy(Tensor losses, Tensor logits, Tensor labels, CrossEntropyOptions options)
    {
        if (logits.Type == ElementType.BFloat16)
        {
            CrossEntropy<ushort, BFloat16Format>(losses, logits, labels, options);
        }
        else
        {
            CrossEntropy<float, Float32Format>(losses, logits, labels, options);
        }
    }

    /// <inheritdoc/>
    public void SoftmaxRows(Tensor destination, Tensor source, bool causal)
    {
        if (source.Type == ElementType.BFloat16)
        {
            SoftmaxRows<ushort, BFloat16Format>(destination, source, causal);
        }
        else
        {
            SoftmaxRows<float, Float32Format>(destination, source, causal);
        }
    }

    /// <inheritdoc/>
    public void SoftmaxRowsBackward(Tensor sourceGradient, Tensor gradient, Tensor output, WriteMode mode = WriteMode.Overwrite)
    {
        if (output.Type == ElementType.BFloat16)
        {
            SoftmaxRowsBackward<ushort, BFloat16Format>(sourceGradient, gradient, output, mode);
        }
        else
        {
            SoftmaxRowsBackward<float, Float32Format>(sourceGradient, gradient, output, mode);
        }
    }

    /// <inheritdoc/>
    public void CumulativeSum(Tensor destination, Tensor source, bool fromEnd)
    {
        if (source.Type == ElementType.BFloat16)
        {
            CumulativeSum<ushort, BFloat16Format>(destination, source, fromEnd);
        }
        else
        {
            CumulativeSum<float, Float32Format>(destination, source, fromEnd);
        }
    }

    private void SwiGlu<T, TFormat>(Tensor destination, Tensor gateUp)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int columns = destination.Shape[1];
        _launcher.PerThread(SwiGluKernels.Forward<T, TFormat>, destination.Shape[0] * Octets(columns), new SwiGluArguments<T>
        {
            Destination = View<T>(destination),
            GateUp = View<T>(gateUp),
            Rows = destination.Shape[0],
            Columns = columns,
            Wide = Wide(columns, destination, gateUp),
        });
    }

    private void SwiGluBackward<T, TFormat>(Tensor gateUpGradient, Tensor gradient, Tensor gateUp)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int columns = gradient.Shape[1];
        _launcher.PerThread(SwiGluKernels.Backward<T, TFormat>, gradient.Shape[0] * Octets(columns), new SwiGluBackwardArguments<T>
        {
            GateUpGradient = View<T>(gateUpGradient),
            Gradient = View<T>(gradient),
            GateUp = View<T>(gateUp),
            Rows = gradient.Shape[0],
            Columns = columns,
            Wide = Wide(columns, gateUpGradient, gradient, gateUp),
        });
    }

    private void CrossEntropy<T, TFormat>(Tensor losses, Tensor logits, Tensor labels, CrossEntropyOptions options)
        where T : unmanaged
        where TFormat : struct, IFormat<T> =>
        _launcher.PerGroup(CrossEntropyKernels.Rows<T, TFormat>, logits.Shape[0], new CrossEntropyArguments<T>
        {
            Losses = View<float>(losses),
            Logits = View<T>(logits),
            Labels = View<int>(labels),
            Rows = logits.Shape[0],
            Columns = logits.Shape[1],
            IgnoredLabel = options.IgnoredLabel,
            WritesGradient = options.WritesGradient ? 1 : 0,
            Scale = (float)options.GradientScale,
            Wide = Wide(logits.Shape[1], logits),
        });

    private void SoftmaxRows<T, TFormat>(Tensor destination, Tensor source, bool causal)
        where T : unmanaged
        where TFormat : struct, IFormat<T> =>
        _launcher.PerWarp(SoftmaxKernels.Forward<T, TFormat>, source.Shape.RowCount, new SoftmaxArguments<T>
        {
            Destination = View<T>(destination),
            Source = View<T>(source),
            Rows = checked((int)source.Shape.RowCount),
            Queries = source.Shape[source.Shape.Rank - 2],
            Columns = source.Shape.Last,
            Causal = causal ? 1 : 0,
            Wide = Wide(source.Shape.Last, destination, source),
        });

    private void SoftmaxRowsBackward<T, TFormat>(Tensor sourceGradient, Tensor gradient, Tensor output, WriteMode mode)
        where T : unmanaged
        where TFormat : struct, IFormat<T> =>
        _launcher.PerWarp(SoftmaxKernels.Backward<T, TFormat>, output.Shape.RowCount, new SoftmaxBackwardArguments<T>
        {
            Destination = View<T>(sourceGradient),
            Gradient = View<T>(gradient),
            Output = View<T>(output),
            Rows = checked((int)output.Shape.RowCount),
            Columns = output.Shape.Last,
            Adds = Flag(mode),
            Wide = Wide(output.Shape.Last, sourceGradient, gradient, output),
        });

    private void CumulativeSum<T, TFormat>(Tensor destination, Tensor source, bool fromEnd)
        where T : unmanaged
        where TFormat : struct, IFormat<T> =>
        _launcher.PerWarp(SoftmaxKernels.CumulativeSum<T, TFormat>, source.Shape.RowCount, new CumulativeSumArguments<T>
        {
            Destination = View<T>(destination),
            Source = View<T>(source),
            Rows = checked((int)source.Shape.RowCount),
            Columns = source.Shape.Last,
            FromEnd = fromEnd ? 1 : 0,
        });
}

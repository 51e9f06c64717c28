using BiPE.Core.Tensors;
using BiPE.Cuda.Kernels;

namespace BiPE.Cuda;

public sealed partial class CudaBackend
{
    /// <inheritdoc/>
    public void InterpolateRows(Tensor destination, Tensor table, Tensor positions)
    {
        RequireSameType(nameof(InterpolateRows), table, positions);
        if (positions.Type == ElementType.BFloat16)
        {
            InterpolateRows<ushort, BFloat16Format>(destination, table, positions);
        }
        else
        {
            InterpolateRows<float, Float32Format>(destination, table, positions);
        }
    }

    /// <inheritdoc/>
    public void InterpolateRowsBackward(Tensor tableGradient, Tensor positionGradient, Tensor gradient, Tensor table, Tensor positions)
    {
        RequireSameType(nameof(InterpolateRowsBackward), table, positions);
        if (positions.Type == ElementType.BFloat16)
        {
            InterpolateRowsBackward<ushort, BFloat16Format>(tableGradient, positionGradient, gradient, table, positions);
        }
        else
        {
            InterpolateRowsBackward<float, Float32Format>(tableGradient, positionGradient, gradient, table, positions);
        }
    }

    private void InterpolateRows<T, TFormat>(Tensor destination, Tensor table, Tensor positions)
        where T : unmanaged
        where TFormat : struct, IFormat<T> =>
        _launcher.PerThread(InterpolationKernels.Forward<T, TFormat>, positions.Count, new InterpolationArguments<T>
        {
            Destination = View<T>(destination),
            Table = View<T>(table),
            Positions = View<T>(positions),
            Rows = checked((int)positions.Shape.RowCount),
            Columns = table.Shape.Last,
            Count = positions.Shape.Last,
        });

    private void InterpolateRowsBackward<T, TFormat>(Tensor tableGradient, Tensor positionGradient, Tensor gradient, Tensor table, Tensor positions)
        where T : unmanaged
        where TFormat : struct, IFormat<T> =>
        _launcher.PerWarp(InterpolationKernels.Backward<T, TFormat>, table.Shape.RowCount, new InterpolationBackwardArguments<T>
        {
            TableGradient = View<T>(tableGradient),
            PositionGradient = View<T>(positionGradient),
            Gradient = View<T>(gradient),
            Table = View<T>(table),
            Positions = View<T>(positions),
            Rows = checked((int)table.Shape.RowCount),
            Columns = table.Shape.Last,
            Count = positions.Shape.Last,
        });
}

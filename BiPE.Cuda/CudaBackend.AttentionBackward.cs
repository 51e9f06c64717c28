using BiPE.Core.Tensors;
using BiPE.Cuda.Attention;
using BiPE.Cuda.Kernels;
using BiPE.Cuda.Products;

namespace BiPE.Cuda;

public sealed partial class CudaBackend
{
    /// <inheritdoc/>
    public void AttentionBackward(AttentionGradients gradients, Tensor gradient, Tensor output, Tensor logSumExp, AttentionArguments arguments)
    {
        if (output.Type == ElementType.BFloat16)
        {
            AttentionBackward<ushort, BFloat16Format>(gradients, gradient, output, logSumExp, arguments);
        }
        else
        {
            AttentionBackward<float, Float32Format>(gradients, gradient, output, logSumExp, arguments);
        }
    }

    private void AttentionBackward<T, TFormat>(
        AttentionGradients gradients, Tensor gradient, Tensor output, Tensor logSumExp, AttentionArguments arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        if (gradients.BiasTable is { } table && gradients.BiasTableMode == WriteMode.Overwrite)
        {
            Fill(table, 0);
        }

        if (output.Count == 0)
        {
            return;
        }

        var layout = new AttentionLayout(arguments, backward: true);
        using var scope = new TensorScope(this);
        Tensor? firstKeys = FindFirstKeys(scope, arguments);
        Tensor scores = scope.Allocate(new Shape(checked((int)layout.MostScores)), ElementType.Float32);
        Tensor weightGradients = scope.Allocate(scores.Shape, ElementType.Float32);
        bool inPlace = output.Type == ElementType.Float32;
        Tensor weights = inPlace ? scores : scope.Allocate(scores.Shape, output.Type);
        Tensor scoreGradients = inPlace ? weightGradients : scope.Allocate(scores.Shape, output.Type);

        // Keys and values meet every later block, so their gradients are summed in float32.
        int size = arguments.HeadDimension;
        int keyColumns = arguments.KeyValueHeadCount * size;
        Tensor keySums = scope.Allocate(new Shape(arguments.KeyCount, keyColumns), ElementType.Float32);
        Tensor valueSums = scope.Allocate(keySums.Shape, ElementType.Float32);
        int outputRow = arguments.HeadCount * size;
        for (int batch = 0; batch < arguments.Batch; batch++)
        {
            Fill(keySums, 0);
            Fill(valueSums, 0);
            for (int first = 0; first < arguments.QueryCount; first += layout.QueriesOfBlock)
            {
                AttentionView view = ViewOf(layout, firstKeys, batch, first);
                long outputAt = (((long)batch * arguments.QueryCount) + first) * outputRow;
                MultiplyQueriesByKeys(layout, view, batch, scores);
                for (int member = 0; member < layout.HeadsOfKey; member++)
                {
                    Multiply(new MatrixProduct(
                        view.Queries, view.Keys, size, arguments.KeyValueHeadCount, ScoresOf(weightGradients, layout, view, member),
                        HeadsOf(gradient, gradient.Offset + outputAt, outputRow, layout, member),
                        ValuesOf(layout, batch) with { IsTransposed = true }, 1, Accumulates: false));
                }

                _launcher.PerWarp(AttentionKernels.SoftmaxBackward<T, TFormat>, (long)view.Heads * view.Queries, new AttentionBackwardArguments<T>
                {
                    Weights = View<T>(weights),
                    ScoreGradients = View<T>(scoreGradients),
                    Scores = View<float>(scores),
                    WeightGradients = View<float>(weightGradients),
                    Gradient = View<T>(gradient.Slice(batch, 1)),
                    Output = View<T>(output.Slice(batch, 1)),
                    LogSumExp = View<float>(logSumExp.Slice(batch, 1)),
                    View = view,
                    AllQueries = arguments.QueryCount,
                    HeadLength = size,
                    Wide = Wide(size, gradient.Slice(batch, 1), output.Slice(batch, 1)),
                });
                AddBlock(layout, view, batch, gradients, gradient, weights, scoreGradients, keySums, valueSums);
                if (gradients.BiasTable is not null)
                {
                    AddBias<T, TFormat>(view, gradients.BiasTable, scoreGradients);
                }
            }

            StoreKeys<T, TFormat>(layout, gradients, batch, keySums, layout.FirstKeyColumn);
            StoreKeys<T, TFormat>(layout, gradients, batch, valueSums, layout.FirstValueColumn);
        }
    }

    /// <summary>A block's part of the gradients of queries, keys and values.</summary>
    private void AddBlock(
        AttentionLayout layout, in AttentionView view, int batch, AttentionGradients gradients, Tensor gradient,
        Tensor weights, Tensor scoreGradients, Tensor keySums, Tensor valueSums)
    {
        AttentionArguments arguments = layout.Arguments;
        int size = arguments.HeadDimension;
        int shared = arguments.KeyValueHeadCount;
        int outputRow = arguments.HeadCount * size;
        long row = ((long)batch * arguments.QueryCount) + view.FirstQuery;
        float scale = (float)arguments.Scale;
        for (int member = 0; member < layout.HeadsOfKey; member++)
        {
            MatrixOperand ofScores = ScoresOf(scoreGradients, layout, view, member);
            MatrixOperand queries = HeadsOf(arguments.Query, arguments.Query.Offset + (row * layout.QueryRow), layout.QueryRow, layout, member);
            MatrixOperand ofQueries = HeadsOf(
                gradients.Packed, gradients.Packed.Offset + (row * layout.QueryRow), layout.QueryRow, layout, member);
            MatrixOperand ofOutput = HeadsOf(gradient, gradient.Offset + (row * outputRow), outputRow, layout, member);
            Multiply(new MatrixProduct(
                view.Queries, size, view.Keys, shared, ofQueries, ofScores, KeysOf(layout, batch), scale,
                gradients.PackedMode == WriteMode.Accumulate));
            Multiply(new MatrixProduct(
                view.Keys, size, view.Queries, shared, Operand(keySums, shared * size, size), ofScores with { IsTransposed = true }, queries, scale,
                Accumulates: true));
            Multiply(new MatrixProduct(
                view.Keys, size, view.Queries, shared, Operand(valueSums, shared * size, size),
                ScoresOf(weights, layout, view, member) with { IsTransposed = true }, ofOutput, 1, Accumulates: true));
        }
    }

    private void AddBias<T, TFormat>(in AttentionView view, Tensor table, Tensor scoreGradients)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        var arguments = new BiasGradientArguments<T> { TableGradient = View<float>(table), ScoreGradients = View<T>(scoreGradients), View = view };
        long rows = (long)view.Heads * view.BiasExtent;
        if (view.BiasKind == (int)AttentionBiasKind.PerDistance)
        {
            _launcher.PerWarp(AttentionKernels.DistanceGradient<T, TFormat>, rows, arguments);
        }
        else
        {
            _launcher.PerWarp(AttentionKernels.PairGradient<T, TFormat>, rows, arguments);
        }
    }

    private void StoreKeys<T, TFormat>(AttentionLayout layout, AttentionGradients gradients, int batch, Tensor sums, int column)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int columns = sums.Shape[1];
        Tensor packed = gradients.Packed.Slice(batch, 1);
        bool wide = layout.KeyRow % Octet.Length == 0 && column % Octet.Length == 0;
        _launcher.PerThread(AttentionKernels.StoreKeyGradients<T, TFormat>, sums.Shape[0] * Octets(columns), new KeyGradientArguments<T>
        {
            Packed = View<T>(packed),
            Sums = View<float>(sums),
            Keys = sums.Shape[0],
            Columns = columns,
            RowLength = layout.KeyRow,
            FirstColumn = column,
            Adds = Flag(gradients.PackedMode),
            Wide = wide ? Wide(columns, packed) : 0,
            WideSums = Wide(columns, sums),
        });
    }
}

using BiPE.Core.Tensors;
using BiPE.Cuda.Attention;
using BiPE.Cuda.Kernels;
using BiPE.Cuda.Products;

namespace BiPE.Cuda;

/// <summary>
/// Attention in blocks of queries: the scores of some queries of all heads of one batch row, against the keys that they see, are
/// a batch of matrix products, as are the sums of values; a kernel between them adds the bias, masks and takes the softmax. So
/// products run on tensor cores, scores are held for one block only, and causal blocks leave out what lies above them.
/// </summary>
public sealed partial class CudaBackend
{
    /// <inheritdoc/>
    public void Attention(Tensor destination, Tensor logSumExp, AttentionArguments arguments)
    {
        if (destination.Type == ElementType.BFloat16)
        {
            Attention<ushort, BFloat16Format>(destination, logSumExp, arguments);
        }
        else
        {
            Attention<float, Float32Format>(destination, logSumExp, arguments);
        }
    }

    private void Attention<T, TFormat>(Tensor destination, Tensor logSumExp, AttentionArguments arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        if (destination.Count == 0)
        {
            return;
        }

        var layout = new AttentionLayout(arguments, backward: false);
        using var scope = new TensorScope(this);
        Tensor? firstKeys = FindFirstKeys(scope, arguments);
        Tensor scores = scope.Allocate(new Shape(checked((int)layout.MostScores)), ElementType.Float32);

        // Float32 weights take the place of their scores.
        Tensor weights = destination.Type == ElementType.Float32 ? scores : scope.Allocate(scores.Shape, destination.Type);
        int size = arguments.HeadDimension;
        int outputRow = arguments.HeadCount * size;
        for (int batch = 0; batch < arguments.Batch; batch++)
        {
            for (int first = 0; first < arguments.QueryCount; first += layout.QueriesOfBlock)
            {
                AttentionView view = ViewOf(layout, firstKeys, batch, first);
                MultiplyQueriesByKeys(layout, view, batch, scores);
                _launcher.PerWarp(AttentionKernels.Softmax<T, TFormat>, (long)view.Heads * view.Queries, new AttentionSoftmaxArguments<T>
                {
                    Weights = View<T>(weights),
                    Scores = View<float>(scores),
                    LogSumExp = View<float>(logSumExp.Slice(batch, 1)),
                    View = view,
                    AllQueries = arguments.QueryCount,
                });
                long to = ((long)batch * arguments.QueryCount * outputRow) + ((long)first * outputRow);
                for (int member = 0; member < layout.HeadsOfKey; member++)
                {
                    MatrixOperand result = HeadsOf(destination, destination.Offset + to, outputRow, layout, member);
                    Multiply(new MatrixProduct(
                        view.Queries, size, view.Keys, arguments.KeyValueHeadCount, result,
                        ScoresOf(weights, layout, view, member), ValuesOf(layout, batch), 1, Accumulates: false));
                }
            }
        }
    }

    /// <summary>First keys of documents, or null where there are none.</summary>
    private Tensor? FindFirstKeys(TensorScope scope, AttentionArguments arguments)
    {
        if (arguments.Documents is not { } documents)
        {
            return null;
        }

        Tensor firstKeys = scope.Allocate(documents.Shape, ElementType.Int32);
        _launcher.PerThread(AttentionKernels.FindFirstKeys, documents.Count, new FirstKeysArguments
        {
            FirstKeys = View<int>(firstKeys), Documents = View<int>(documents), Rows = arguments.Batch, Keys = arguments.KeyCount,
        });
        return firstKeys;
    }

    private static AttentionView ViewOf(AttentionLayout layout, Tensor? firstKeys, int batch, int first)
    {
        AttentionArguments arguments = layout.Arguments;
        int queries = Math.Min(layout.QueriesOfBlock, arguments.QueryCount - first);
        int keys = first + queries + layout.EarlierKeys;

        // Kernels do not read what there is none of, but a view must be of some memory.
        Tensor other = arguments.Query;
        return new AttentionView
        {
            BiasTable = arguments.Bias is { } bias ? View<float>(bias.Table) : View<float>(new Tensor(other.Buffer, new Shape(0), ElementType.Float32)),
            Positions = View<int>(arguments.Bias?.Positions.Slice(batch, 1) ?? new Tensor(other.Buffer, new Shape(0), ElementType.Int32)),
            FirstKeys = View<int>(firstKeys?.Slice(batch, 1) ?? new Tensor(other.Buffer, new Shape(0), ElementType.Int32)),
            BiasKind = arguments.Bias is null ? AttentionView.NoBias : (int)arguments.Bias.Kind,
            BiasExtent = arguments.Bias?.Table.Shape.Last ?? 0,
            HasDocuments = firstKeys is null ? 0 : 1,
            FirstQuery = first,
            Queries = queries,
            Keys = keys,
            EarlierKeys = layout.EarlierKeys,
            Heads = arguments.HeadCount,
            Stride = AttentionLayout.StrideOf(keys),
        };
    }

    /// <summary>scores[h, q, k] = scale * query[q, h] . key[k, h] of a block, for each of the heads that share a key in turn.</summary>
    private void MultiplyQueriesByKeys(AttentionLayout layout, in AttentionView view, int batch, Tensor scores)
    {
        AttentionArguments arguments = layout.Arguments;
        long firstQuery = arguments.Query.Offset + (((long)batch * arguments.QueryCount) + view.FirstQuery) * layout.QueryRow;
        MatrixOperand keys = KeysOf(layout, batch) with { IsTransposed = true };
        for (int member = 0; member < layout.HeadsOfKey; member++)
        {
            Multiply(new MatrixProduct(
                view.Queries, view.Keys, arguments.HeadDimension, arguments.KeyValueHeadCount, ScoresOf(scores, layout, view, member),
                HeadsOf(arguments.Query, firstQuery, layout.QueryRow, layout, member), keys, (float)arguments.Scale, Accumulates: false));
        }
    }

    /// <summary>One query head of each key head: matrices <c>[queries, headDim]</c>.</summary>
    private static MatrixOperand HeadsOf(Tensor tensor, long offset, int row, AttentionLayout layout, int member)
    {
        int size = layout.Arguments.HeadDimension;
        return Operand(tensor, row, (long)layout.HeadsOfKey * size) with { Offset = offset + ((long)member * size) };
    }

    /// <summary>Scores or weights of one query head of each key head: matrices <c>[queries, keys]</c>.</summary>
    private static MatrixOperand ScoresOf(Tensor scores, AttentionLayout layout, in AttentionView view, int member)
    {
        long ofHead = (long)view.Queries * view.Stride;
        return Operand(scores, view.Stride, layout.HeadsOfKey * ofHead) with { Offset = scores.Offset + (member * ofHead) };
    }

    /// <summary>Keys of each key head: matrices <c>[keys, headDim]</c>.</summary>
    private static MatrixOperand KeysOf(AttentionLayout layout, int batch) => KeyHeadsOf(layout, layout.Keys, batch, layout.FirstKeyColumn);

    /// <summary>Values of each key head: matrices <c>[keys, headDim]</c>.</summary>
    private static MatrixOperand ValuesOf(AttentionLayout layout, int batch) => KeyHeadsOf(layout, layout.Values, batch, layout.FirstValueColumn);

    private static MatrixOperand KeyHeadsOf(AttentionLayout layout, Tensor tensor, int batch, int column) =>
        Operand(tensor, layout.KeyRow, layout.Arguments.HeadDimension) with
        {
            Offset = tensor.Offset + ((long)batch * layout.Arguments.KeyCount * layout.KeyRow) + column,
        };
}

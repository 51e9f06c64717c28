using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>Operands of <see cref="AttentionKernels.Softmax"/>; views of results start at the batch row.</summary>
internal struct AttentionSoftmaxArguments<T>
    where T : unmanaged
{
    public ArrayView<T> Weights;
    public ArrayView<float> Scores;
    public ArrayView<float> LogSumExp;
    public AttentionView View;
    public int AllQueries;
}

/// <summary>Operands of <see cref="AttentionKernels.SoftmaxBackward"/>; views of results start at the batch row.</summary>
internal struct AttentionBackwardArguments<T>
    where T : unmanaged
{
    public ArrayView<T> Weights;
    public ArrayView<T> ScoreGradients;
    public ArrayView<float> Scores;
    public ArrayView<float> WeightGradients;
    public ArrayView<T> Gradient;
    public ArrayView<T> Output;
    public ArrayView<float> LogSumExp;
    public AttentionView View;
    public int AllQueries;
    public int HeadLength;
    public int Wide;
}

/// <summary>Operands of <see cref="AttentionKernels.FindFirstKeys"/>.</summary>
internal struct FirstKeysArguments
{
    public ArrayView<int> FirstKeys;
    public ArrayView<int> Documents;
    public int Rows;
    public int Keys;
}

/// <summary>Operands of <see cref="AttentionKernels.DistanceGradient"/> and <see cref="AttentionKernels.PairGradient"/>.</summary>
internal struct BiasGradientArguments<T>
    where T : unmanaged
{
    public ArrayView<float> TableGradient;
    public ArrayView<T> ScoreGradients;
    public AttentionView View;
}

/// <summary>Operands of <see cref="AttentionKernels.StoreKeyGradients"/>; views start at the batch row.</summary>
internal struct KeyGradientArguments<T>
    where T : unmanaged
{
    public ArrayView<T> Packed;
    public ArrayView<float> Sums;
    public int Keys;
    public int Columns;
    public int RowLength;
    public int FirstColumn;
    public int Adds;
    public int Wide;
    public int WideSums;
}

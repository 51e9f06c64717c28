using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark.Cases;

/// <summary>Products of a model's linear layers.</summary>
internal static class ProductCases
{
    /// <summary>Each layer's product and both its gradients; sizes are rows x outputs x inputs.</summary>
    /// <param name="config">The model.</param>
    /// <param name="rows">Tokens at once.</param>
    public static IEnumerable<OperationCase> Layers(ModelConfig config, int rows) =>
        Shapes(config).SelectMany(shape => Forms(rows, shape.Outputs, shape.Inputs));

    /// <summary>A linear layer's product and both its gradients: every way that the factors can lie.</summary>
    /// <param name="rows">Tokens at once.</param>
    /// <param name="outputs">Columns of the result.</param>
    /// <param name="inputs">Columns of the input.</param>
    public static IReadOnlyList<OperationCase> Forms(int rows, int outputs, int inputs) =>
        [Forward(rows, (outputs, inputs)), InputGradient(rows, (outputs, inputs)), WeightGradient(rows, (outputs, inputs))];

    /// <summary>Products of few rows, as in generation: the weights are read once for all of them, which memory limits.</summary>
    /// <param name="config">The model.</param>
    /// <param name="rows">Numbers of rows.</param>
    public static IEnumerable<OperationCase> FewRows(ModelConfig config, params IEnumerable<int> rows) =>
        rows.SelectMany(count => new[] { false, true }.Select(
            isFrozen => Forward(count, (2 * config.IntermediateSize, config.HiddenSize), OperationLimit.Read, isFrozen)));

    private static IEnumerable<(int Outputs, int Inputs)> Shapes(ModelConfig config)
    {
        int hidden = config.HiddenSize;
        yield return ((config.HeadCount + (2 * config.KeyValueHeadCount)) * config.HeadDimension, hidden);
        yield return (hidden, config.HeadCount * config.HeadDimension);
        yield return (2 * config.IntermediateSize, hidden);
        yield return (hidden, config.IntermediateSize);
        yield return (config.VocabularySize, hidden);
    }

    private static string Name(int rows, (int Outputs, int Inputs) shape, string role) =>
        $"MatMul {rows} x {shape.Outputs} x {shape.Inputs}, {role}";

    private static OperationCase Forward(int rows, (int Outputs, int Inputs) shape, OperationLimit limit = OperationLimit.Peak, bool isFrozen = false) => new(
        Name(rows, shape, isFrozen ? "frozen weights" : "forward"), limit, operands =>
        {
            TensorSet y = operands.Filled(0, rows, shape.Outputs);
            TensorSet x = operands.Random(rows, shape.Inputs);
            TensorSet weight = isFrozen ? operands.Frozen(shape.Outputs, shape.Inputs) : operands.Random(shape.Outputs, shape.Inputs);
            return turn => operands.Backend.MatMul(
                y[turn], x[turn], weight[turn], new MatMulOptions { TransposeB = true });
        });

    private static OperationCase InputGradient(int rows, (int Outputs, int Inputs) shape) => new(
        Name(rows, shape, "input gradient"), OperationLimit.Peak, operands =>
        {
            TensorSet ofX = operands.Filled(0, rows, shape.Inputs);
            TensorSet ofY = operands.Random(rows, shape.Outputs);
            TensorSet weight = operands.Random(shape.Outputs, shape.Inputs);
            return turn => operands.Backend.MatMul(ofX[turn], ofY[turn], weight[turn]);
        });

    private static OperationCase WeightGradient(int rows, (int Outputs, int Inputs) shape) => new(
        Name(rows, shape, "weight gradient"), OperationLimit.Peak, operands =>
        {
            Tensor ofWeight = operands.Statistics(0, shape.Outputs, shape.Inputs);
            TensorSet ofY = operands.Random(rows, shape.Outputs);
            TensorSet x = operands.Random(rows, shape.Inputs);
            return turn => operands.Backend.MatMul(
                ofWeight, ofY[turn], x[turn], new MatMulOptions { TransposeA = true });
        });
}

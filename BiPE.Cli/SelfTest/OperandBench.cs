using BiPE.Core.Tensors;

namespace BiPE.Cli.SelfTest;

/// <summary>Operands of one operation on one backend: the same seed gives the same values on every backend.</summary>
internal sealed class OperandBench : IDisposable
{
    private readonly TensorScope _scope;
    private readonly Random _random;
    private readonly List<(string Name, Tensor Tensor)> _results = [];

    /// <summary>Creates a bench.</summary>
    /// <param name="backend">Where operands live.</param>
    /// <param name="seed">Seed of the values.</param>
    public OperandBench(ITensorBackend backend, int seed)
    {
        _scope = new TensorScope(backend);
        _random = new Random(seed);
    }

    public ITensorBackend Backend => _scope.Backend;

    /// <summary>Names and values of what was named as a result.</summary>
    public IReadOnlyList<(string Name, double[] Values)> Results => [.. _results.Select(result => (result.Name, Backend.ReadDoubles(result.Tensor)))];

    /// <summary>An operand of the activations' type, its values rounded to bfloat16 so that every backend has the same.</summary>
    /// <param name="shape">Extents.</param>
    public Tensor Activation(params ReadOnlySpan<int> shape) => Random(new Shape(shape), Backend.Info.ActivationType, _ => Next());

    /// <summary>An operand of the type of frozen matrices, all of an allocation.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public Tensor Matrix(int rows, int columns) => Random(new Shape(rows, columns), Backend.Info.FrozenType, _ => Next());

    /// <summary>An operand of the statistics' type.</summary>
    /// <param name="shape">Extents.</param>
    public Tensor Statistic(params ReadOnlySpan<int> shape) => Random(new Shape(shape), Backend.Info.StatisticsType, _ => Next());

    /// <summary>An operand of the statistics' type with positive values.</summary>
    /// <param name="shape">Extents.</param>
    public Tensor Positive(params ReadOnlySpan<int> shape) =>
        Random(new Shape(shape), Backend.Info.StatisticsType, _ => Math.Abs(Next()) + 0.25);

    /// <summary>An operand of the activations' type with positive values.</summary>
    /// <param name="shape">Extents.</param>
    public Tensor PositiveActivation(params ReadOnlySpan<int> shape) =>
        Random(new Shape(shape), Backend.Info.ActivationType, _ => Math.Abs(Next()) + 0.25);

    /// <summary>Random integers.</summary>
    /// <param name="below">One more than the largest.</param>
    /// <param name="shape">Extents.</param>
    public Tensor Integers(int below, params ReadOnlySpan<int> shape)
    {
        var extents = new Shape(shape);
        return Integers(extents, [.. Enumerable.Range(0, (int)extents.Count).Select(_ => _random.Next(below))]);
    }

    /// <summary>Integers that go up by one at random places of each row.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Integers of a row.</param>
    /// <param name="rate">Probability of going up.</param>
    public Tensor Ascending(int rows, int columns, double rate)
    {
        var values = new int[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = i % columns == 0 ? 0 : values[i - 1] + (_random.NextDouble() < rate ? 1 : 0);
        }

        return Integers(new Shape(rows, columns), values);
    }

    /// <summary>Names a tensor as a result.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="tensor">The result.</param>
    public void Expect(string name, Tensor tensor) => _results.Add((name, tensor));

    public void Dispose() => _scope.Dispose();

    private double Next() => BFloat16Bits.ToSingle(BFloat16Bits.FromSingle((float)((_random.NextDouble() * 4) - 2)));

    private Tensor Random(Shape shape, ElementType type, Func<int, double> value)
    {
        Tensor tensor = _scope.Allocate(shape, type);
        Backend.WriteDoubles(tensor, [.. Enumerable.Range(0, (int)shape.Count).Select(value)]);
        return tensor;
    }

    private Tensor Integers(Shape shape, int[] values)
    {
        Tensor tensor = _scope.Allocate(shape, ElementType.Int32);
        Backend.Upload<int>(tensor, values);
        return tensor;
    }
}

using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark.Cases;

/// <summary>
/// Operands of one operation, in as many sets as it takes to find none of them in a cache when its turn comes again.
/// </summary>
/// <param name="scope">Owns the operands.</param>
/// <param name="count">How many sets.</param>
internal sealed class OperandSets(TensorScope scope, int count)
{
    private const int Drawn = 1 << 20;

    // The same for every operation, so they are drawn once; the draw takes longer than many operations.
    private static readonly Lazy<float[]> Values = new(Draw);

    /// <summary>Where the operands live.</summary>
    public ITensorBackend Backend => scope.Backend;

    /// <summary>An operand of each set, of the activations' type, with random values.</summary>
    /// <param name="extents">Its shape.</param>
    public TensorSet Random(params int[] extents) => Each(() => Randomised(Backend.Info.ActivationType, extents));

    /// <summary>One operand for all sets, of the activations' type, with random values.</summary>
    /// <param name="extents">Its shape.</param>
    public Tensor SharedRandom(params int[] extents) => Randomised(Backend.Info.ActivationType, extents);

    /// <summary>An operand of each set, of the statistics' type, with random values.</summary>
    /// <param name="extents">Its shape.</param>
    public TensorSet RandomStatistics(params int[] extents) => Each(() => Randomised(Backend.Info.StatisticsType, extents));

    /// <summary>An operand of each set, of the type of frozen matrices, with random values and frozen.</summary>
    /// <param name="extents">Its shape.</param>
    public TensorSet Frozen(params int[] extents)
    {
        TensorSet factors = Each(() => Randomised(Backend.Info.FrozenType, extents));
        factors.ForEach(Backend.FreezeFactor);
        return factors;
    }

    /// <summary>An operand of each set, of the activations' type, filled with a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="extents">Its shape.</param>
    public TensorSet Filled(double value, params int[] extents) => Each(() => Constant(Backend.Info.ActivationType, value, extents));

    /// <summary>One operand for all sets, of the statistics' type, filled with a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="extents">Its shape.</param>
    public Tensor Statistics(double value, params int[] extents) => Constant(Backend.Info.StatisticsType, value, extents);

    /// <summary>One operand of integers for all sets.</summary>
    /// <param name="values">The values, row-major.</param>
    /// <param name="extents">Its shape.</param>
    public Tensor Integers(int[] values, params int[] extents)
    {
        Tensor tensor = scope.Allocate(new Shape(extents), ElementType.Int32);
        Backend.Upload<int>(tensor, values);
        return tensor;
    }

    /// <summary>An operand of integers of each set.</summary>
    /// <param name="values">The values of all sets, one set after the other, by how many there are.</param>
    /// <param name="extent">Integers of a set.</param>
    public TensorSet IntegersOfEach(Func<int, int[]> values, int extent)
    {
        int[][] sets = [.. values(checked(count * extent)).Chunk(extent)];
        return new([.. sets.Select(set => Integers(set, extent))]);
    }

    private static float[] Draw()
    {
        var random = new Random(1);
        var values = new float[Drawn];
        foreach (ref float value in values.AsSpan())
        {
            value = random.NextSingle() - 0.5f;
        }

        return values;
    }

    private TensorSet Each(Func<Tensor> make) => new([.. Enumerable.Range(0, count).Select(_ => make())]);

    private Tensor Constant(ElementType type, double value, int[] extents)
    {
        Tensor tensor = scope.Allocate(new Shape(extents), type);
        Backend.Fill(tensor, value);
        return tensor;
    }

    private Tensor Randomised(ElementType type, int[] extents)
    {
        Tensor tensor = scope.Allocate(new Shape(extents), type);
        Tensor flat = tensor.Reshape(checked((int)tensor.Count));
        for (int start = 0; start < flat.Count; start += Drawn)
        {
            int length = (int)Math.Min(Drawn, flat.Count - start);
            Backend.WriteFloats(flat.Slice(start, length), Values.Value.AsSpan(0, length));
        }

        return tensor;
    }
}

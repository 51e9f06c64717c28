using BiPE.Core.Tensors;
using NUnit.Framework;

namespace BiPE.Testing;

/// <summary>
/// Holds the operands of one operation on one backend. The same seed gives the same values on every backend. Every tensor lies
/// between guard elements; <see cref="Finish"/> fails if a guard or an operand that is no result was written.
/// </summary>
public sealed class Bench
{
    // 64 bytes of float32 and int32, so that a tensor behind the guard starts as aligned as its buffer.
    private const int GuardLength = 16;

    private const int GuardInteger = int.MinValue + 7;
    private readonly bool _unaligned;
    private readonly ElementType _precision;
    private readonly List<Placed> _placed = [];
    private readonly List<(string Name, Tensor Tensor, Tolerance Tolerance)> _results = [];

    /// <summary>Creates a bench.</summary>
    /// <param name="backend">Where operands live.</param>
    /// <param name="seed">Seed of the values.</param>
    /// <param name="precision">Type that values are rounded to before any backend sees them.</param>
    /// <param name="unaligned">Whether tensors start at odd elements of their buffers, each at another.</param>
    public Bench(ITensorBackend backend, int seed, ElementType precision = ElementType.Float32, bool unaligned = false)
    {
        ArgumentNullException.ThrowIfNull(backend);
        Backend = backend;
        Random = new Random(seed);
        _precision = precision;
        _unaligned = unaligned;
    }

    /// <summary>Where operands live.</summary>
    public ITensorBackend Backend { get; }

    /// <summary>Generator that a case may draw choices from.</summary>
    public Random Random { get; }

    /// <summary>Values uniform about zero with the given root mean square, exact in the bench's precision.</summary>
    /// <param name="count">How many.</param>
    /// <param name="scale">Root mean square.</param>
    public double[] Values(long count, double scale = 1)
    {
        var values = new double[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = ((2 * Random.NextDouble()) - 1) * scale * Math.Sqrt(3);
        }

        return Rounded(values);
    }

    /// <summary>The nearest number that bfloat16 holds.</summary>
    /// <param name="value">Any number.</param>
    public static double AsBFloat16(double value) => BFloat16Bits.ToSingle(BFloat16Bits.FromSingle((float)value));

    /// <summary>An operand of the type of frozen matrices.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="values">Its values, which bfloat16 holds.</param>
    public Tensor Frozen(Shape shape, double[] values) => Place(shape, Backend.Info.FrozenType, values, isOperand: true);

    /// <summary>An operand of the activations' type.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="scale">Root mean square of its random values.</param>
    public Tensor Activation(Shape shape, double scale = 1) => Activation(shape, Values(shape.Count, scale));

    /// <summary>An operand of the activations' type.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="values">Its values.</param>
    public Tensor Activation(Shape shape, double[] values) => Place(shape, Backend.Info.ActivationType, Rounded(values), isOperand: true);

    /// <summary>An operand of the statistics' type.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="scale">Root mean square of its random values.</param>
    public Tensor Statistic(Shape shape, double scale = 1) => Statistic(shape, Values(shape.Count, scale));

    /// <summary>An operand of the statistics' type.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="values">Its values.</param>
    public Tensor Statistic(Shape shape, double[] values) => Place(shape, Backend.Info.StatisticsType, Rounded(values), isOperand: true);

    /// <summary>An operand of integers.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="values">Its values.</param>
    public Tensor Integers(Shape shape, int[] values) =>
        Place(shape, ElementType.Int32, Array.ConvertAll(values, value => (double)value), isOperand: true);

    /// <summary>An operand of random integers.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="below">One more than the largest.</param>
    public Tensor Integers(Shape shape, int below) => Integers(shape, [.. Enumerable.Range(0, (int)shape.Count).Select(_ => Random.Next(below))]);

    /// <summary>A destination: not-a-numbers that must not leak if it is overwritten, values if it is added to.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="mode">What the operation does with it.</param>
    public Tensor Destination(Shape shape, WriteMode mode = WriteMode.Overwrite) => Destination(shape, Backend.Info.ActivationType, mode);

    /// <summary>As <see cref="Destination(Shape, WriteMode)"/>, of the statistics' type.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="mode">What the operation does with it.</param>
    public Tensor StatisticDestination(Shape shape, WriteMode mode = WriteMode.Overwrite) => Destination(shape, Backend.Info.StatisticsType, mode);

    /// <summary>Names a tensor as a result, to be read when the case is finished.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="tensor">The result.</param>
    /// <param name="tolerance">How far it may lie from the oracle's.</param>
    public void Expect(string name, Tensor tensor, Tolerance tolerance) => _results.Add((name, tensor, tolerance));

    /// <summary>Says that the operation may leave anything in an operand.</summary>
    /// <param name="tensor">The operand.</param>
    public void MayBeWritten(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        Find(tensor).IsOperand = false;
    }

    /// <summary>Reads the results, checks guards and operands, and gives all memory back.</summary>
    public IReadOnlyList<Observation> Finish()
    {
        foreach ((_, Tensor tensor, _) in _results)
        {
            Find(tensor).IsOperand = false;
        }

        Observation[] observations = [.. _results.Select(result =>
            new Observation(result.Name, Read(result.Tensor), result.Tensor.Type, result.Tolerance))];
        foreach (Placed placed in _placed)
        {
            CheckUntouched(placed);
            Backend.Release(placed.Whole);
        }

        _placed.Clear();
        return observations;
    }

    private Placed Find(Tensor tensor) => _placed.First(placed => ReferenceEquals(placed.Whole.Buffer, tensor.Buffer));

    private Tensor Destination(Shape shape, ElementType type, WriteMode mode)
    {
        double[] values = mode == WriteMode.Accumulate ? Values(shape.Count) : [.. Enumerable.Repeat(double.NaN, (int)shape.Count)];
        return Place(shape, type, values, isOperand: false);
    }

    private Tensor Place(Shape shape, ElementType type, double[] values, bool isOperand)
    {
        int count = checked((int)shape.Count);
        Assert.That(values, Has.Length.EqualTo(count), $"The case gives the wrong number of values for {shape}.");
        int start = GuardLength + (_unaligned ? 1 + (_placed.Count * 5 % 15) : 0);
        var content = new double[start + count + GuardLength];
        Array.Fill(content, type == ElementType.Int32 ? GuardInteger : double.NaN);
        values.CopyTo(content, start);
        Tensor whole = Backend.Allocate(new Shape(content.Length), type);
        if (type == ElementType.Int32)
        {
            Backend.Upload<int>(whole, Array.ConvertAll(content, value => (int)value));
        }
        else
        {
            Backend.WriteDoubles(whole, content);
        }

        _placed.Add(new Placed(whole, content, start, count) { IsOperand = isOperand });
        Tensor window = whole.Slice(start, count);
        return shape.Rank switch
        {
            1 => window,
            2 => window.Reshape(shape[0], shape[1]),
            3 => window.Reshape(shape[0], shape[1], shape[2]),
            _ => window.Reshape(shape[0], shape[1], shape[2], shape[3]),
        };
    }

    private void CheckUntouched(Placed placed)
    {
        double[] found = Read(placed.Whole);
        for (int i = 0; i < found.Length; i++)
        {
            bool isGuard = i < placed.Start || i >= placed.Start + placed.Count;
            if ((isGuard || placed.IsOperand) && !found[i].Equals(placed.Content[i]))
            {
                string what = isGuard ? "outside" : "an operand of";
                Assert.Fail($"Element {i - placed.Start} {what} a tensor of {placed.Count} elements was written: {found[i]}.");
            }
        }
    }

    private double[] Read(Tensor tensor) => tensor.Type == ElementType.Int32
        ? Array.ConvertAll(Backend.ReadIntegers(tensor), value => (double)value)
        : Backend.ReadDoubles(tensor);

    private double[] Rounded(double[] values) => Array.ConvertAll(values, value => _precision == ElementType.BFloat16 ? AsBFloat16(value) : (float)value);

    private sealed record Placed(Tensor Whole, double[] Content, int Start, int Count)
    {
        public required bool IsOperand { get; set; }
    }
}

using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class AdamWStepTests(BackendFixture fixture) : OperationTests(fixture)
{
    private const double Rate = 1e-2;

    [Test]
    public void MatchesTheDefinitionOverSeveralSteps([ValueSource(nameof(Widths))] int length) => Check($"length {length}", bench =>
        Run(bench, length, clips: true, decay: 0.01));

    [Test]
    public void MatchesTheDefinitionWithAndWithoutClippingAndDecay([Values] bool clips, [Values(0, 0.1)] double decay) =>
        Check($"clips {clips}, decay {decay}", bench => Run(bench, 5003, clips, decay));

    [Test]
    public void DoesNotClipAGradientThatIsSmallEnough() => Check("large norm", bench =>
    {
        (AdamWTensors tensors, Tensor sum) = Operands(bench, 40);
        bench.Backend.SumOfSquares(sum, [tensors.Gradient]);
        bench.Backend.AdamWStep(tensors, sum, new AdamWOptions(3, Rate, 0.9, 0.999, 1e-8, 0.01, MaximumGradientNorm: 1000));
        Expect(bench, tensors);
        bench.MayBeWritten(sum);
    });

    [Test]
    public void ANormThatIsNotANumberShowsInTheWeights() => Check("norm not a number", bench =>
    {
        (AdamWTensors tensors, _) = Operands(bench, 40);
        bench.Backend.AdamWStep(
            tensors, bench.Statistic(new(1), [double.NaN]), new AdamWOptions(3, Rate, 0.9, 0.999, 1e-8, 0.01, MaximumGradientNorm: 1));
        Expect(bench, tensors);
    });

    [Test]
    public void DoesNotDivideByZeroWhereTheGradientAlwaysWasZero() => Check("zero gradient", bench =>
    {
        Tensor Zeros() => bench.Statistic(new(37), 0);
        var tensors = new AdamWTensors(bench.Statistic(new(37)), Zeros(), Zeros(), Zeros());
        bench.Backend.AdamWStep(tensors, null, new AdamWOptions(1, Rate, 0.9, 0.999, 1e-8, 0.1, 0));
        Expect(bench, tensors);
    });

    [Test]
    public void WritesTheComputeCopy([Values(ElementType.Float32, ElementType.BFloat16)] ElementType type)
    {
        if (!Stores(type))
        {
            Assert.Ignore($"{Backend.Info.Name} does not store {type}.");
        }

        using var scope = new TensorScope(Backend);
        var generator = new Random(5);
        Tensor[] tensors = [.. Enumerable.Range(0, 4).Select(_ => scope.Allocate(new(51), Backend.Info.StatisticsType))];
        foreach (Tensor tensor in tensors)
        {
            Backend.WriteDoubles(tensor, [.. Enumerable.Range(0, 51).Select(_ => generator.NextDouble())]);
        }

        Tensor copy = scope.Allocate(new(51), type);
        Backend.AdamWStep(new(tensors[0], tensors[1], tensors[2], tensors[3], copy), null, new(1, Rate, 0.9, 0.999, 1e-8, 0.1, 0));
        float[] master = Backend.ReadFloats(tensors[0]);
        float[] expected = type == ElementType.Float32
            ? master
            : Array.ConvertAll(master, value => BFloat16Bits.ToSingle(BFloat16Bits.FromSingle(value)));
        Assert.That(Backend.ReadFloats(copy), Is.EqualTo(expected));
    }

    private static void Run(Bench bench, int length, bool clips, double decay)
    {
        (AdamWTensors tensors, Tensor sum) = Operands(bench, length);
        for (int step = 1; step <= 4; step++)
        {
            bench.Backend.WriteDoubles(tensors.Gradient, bench.Values(length, step));
            bench.Backend.SumOfSquares(sum, [tensors.Gradient]);
            bench.Backend.AdamWStep(tensors, clips ? sum : null, new AdamWOptions(step, Rate, 0.9, 0.999, 1e-8, decay, clips ? 0.7 : 0));
        }

        bench.MayBeWritten(sum);
        bench.MayBeWritten(tensors.Gradient);
        Expect(bench, tensors);
    }

    private static (AdamWTensors Tensors, Tensor Sum) Operands(Bench bench, int length)
    {
        Tensor squares = bench.Statistic(new(length), Array.ConvertAll(bench.Values(length), value => value * value));
        var tensors = new AdamWTensors(bench.Statistic(new(length)), bench.Statistic(new(length)), bench.Statistic(new(length)), squares);
        return (tensors, bench.Statistic(new(1)));
    }

    private static void Expect(Bench bench, AdamWTensors tensors)
    {
        // An update is of the learning rate's size, and four of them are made.
        bench.Expect("parameter", tensors.Parameter, new Tolerance(16, 1));
        bench.Expect("first moment", tensors.FirstMoment, new Tolerance(16, 1));
        bench.Expect("second moment", tensors.SecondMoment, new Tolerance(16));
    }
}

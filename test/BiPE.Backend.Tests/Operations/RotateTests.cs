using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class RotateTests(BackendFixture fixture) : OperationTests(fixture)
{
    private static readonly Tolerance Rounded = new(4, 3);

    [Test]
    public void MatchesTheDefinition([Range(0, 66)] int half, [Values] bool transposed) => Check($"half {half}, {transposed}", bench =>
        Run(bench, 2, 5, 4, half * 2, 0, 4, half, transposed));

    [Test]
    public void LeavesOtherHeadsAlone([Values] bool transposed, [Values(0, 1, 3)] int first, [Values(0, 1, 3)] int count) =>
        Check($"heads {first} and {count}, {transposed}", bench => Run(bench, 2, 7, 6, 20, first, count, 10, transposed));

    [Test]
    public void LeavesTheRestOfAHeadAlone([Values] bool transposed, [Values(0, 1, 4, 9, 16)] int half) =>
        Check($"partial {half}, {transposed}", bench => Run(bench, 1, 6, 3, 37, 1, 2, half, transposed));

    [Test]
    public void TakesManyRows([Values] bool transposed) => Check($"many rows, {transposed}", bench =>
        Run(bench, 3, 130, 9, 64, 0, 6, 32, transposed));

    [Test]
    public void IsUndoneByItsTransposeWhereTheAmplitudeIsOne() => Check("there and back", bench =>
    {
        double[] angles = bench.Values(30 * 16, 100);
        Tensor cosine = bench.Statistic(new(30, 16), Array.ConvertAll(angles, Math.Cos));
        Tensor sine = bench.Statistic(new(30, 16), Array.ConvertAll(angles, Math.Sin));
        Tensor positions = bench.Integers(new(2, 11), 30);
        double[] values = bench.Values(2 * 11 * 5 * 32);
        Tensor packed = bench.Activation(new(2, 11, 5, 32), values);
        var arguments = new RotateArguments(0, 5, cosine, sine, positions);
        bench.Backend.Rotate(packed, arguments);
        bench.Backend.Rotate(packed, arguments with { Transposed = true });
        bench.Expect("packed", packed, Rounded);

        // As far as the tables' rounding leaves the amplitude at one.
        double amplitude = bench.Backend.ReadDoubles(cosine).Zip(bench.Backend.ReadDoubles(sine), (c, s) => Math.Abs((c * c) + (s * s) - 1)).Max();
        Assert.That(bench.Backend.ReadDoubles(packed), Is.EqualTo(values).Within(1e-5 + (8 * amplitude)));
    });

    private static void Run(
        Bench bench, int batch, int time, int heads, int size, int firstHead, int headCount, int half, bool transposed)
    {
        const int PositionCount = 23;
        Tensor cosine = bench.Statistic(new(PositionCount, half));
        Tensor sine = bench.Statistic(new(PositionCount, half));
        Tensor positions = bench.Integers(new(batch, time), PositionCount);
        Tensor packed = bench.Activation(new(batch, time, heads, size));
        bench.Backend.Rotate(packed, new RotateArguments(firstHead, headCount, cosine, sine, positions, transposed));
        bench.Expect("packed", packed, Rounded);
    }
}

using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class UnaryTests(BackendFixture fixture) : OperationTests(fixture)
{
    /// <summary>
    /// An exponential, a division and what a polynomial of an approximation costs; the scale is that of a sigmoid which
    /// underflows before silu multiplies it by its argument.
    /// </summary>
    private static readonly Tolerance Rounded = new(8, 1e-28);

    [Test]
    public void MatchesTheDefinition([Values] UnaryKind kind)
    {
        foreach (int length in Lengths)
        {
            Check($"{kind}, length {length}", bench =>
            {
                Tensor source = bench.Activation(new(length), Arguments(bench, kind, length, 3));
                Tensor result = bench.Destination(new(length));
                bench.Backend.Unary(result, source, kind);
                bench.Backend.Unary(source, source, kind);
                bench.Expect("result", result, Rounded);
                bench.Expect("in place", source, Rounded);
            });
        }
    }

    [Test]
    public void MatchesTheDefinitionForLargeAndSmallArguments([Values] UnaryKind kind, [Values(1e-30, 1e-6, 1e-3, 0.1, 30, 200, 1e20)] double scale) =>
        Check($"{kind}, scale {scale}", bench =>
        {
            Tensor source = bench.Activation(new(500), Arguments(bench, kind, 500, scale));
            Tensor result = bench.Destination(new(500));
            bench.Backend.Unary(result, source, kind);
            bench.Expect("result", result, Rounded);
        });

    [Test]
    public void KeepsSpecialValues([Values] UnaryKind kind) => Check($"{kind}, special", bench =>
    {
        double[] special =
        [
            double.NaN, double.PositiveInfinity, -0.0, 0, 1e-42, -1e-42, 88.7, 88.8, -87.3, -87.4, -103, -104, 3e38, -3e38,
            .. kind == UnaryKind.Silu ? (ReadOnlySpan<double>)[] : [double.NegativeInfinity],
        ];
        Tensor source = bench.Activation(new(special.Length), special);
        Tensor result = bench.Destination(new(special.Length));
        bench.Backend.Unary(result, source, kind);
        bench.Expect("result", result, Rounded);
    });

    private static double[] Arguments(Bench bench, UnaryKind kind, int length, double scale) =>
        Array.ConvertAll(bench.Values(length, scale), value => kind == UnaryKind.Log ? Math.Abs(value) : value);
}

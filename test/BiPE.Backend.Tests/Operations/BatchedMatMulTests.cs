using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class BatchedMatMulTests(BackendFixture fixture) : OperationTests(fixture)
{
    [TestCase(0, 3, 4, 5)]
    [TestCase(1, 1, 1, 1)]
    [TestCase(3, 5, 7, 0)]
    [TestCase(7, 1, 9, 33)]
    [TestCase(4, 9, 1, 17)]
    [TestCase(3, 33, 47, 8)]
    [TestCase(2, 65, 65, 65)]
    [TestCase(5, 17, 129, 64)]
    [TestCase(12, 40, 40, 20)]
    public void MatchesTheDefinition(int groups, int m, int n, int k)
    {
        for (int form = 0; form < 8; form++)
        {
            var options = new MatMulOptions
            {
                TransposeA = (form & 1) != 0, TransposeB = (form & 2) != 0, Mode = Modes[form >> 2], Alpha = 1 - (0.3 * form),
            };
            Check($"{groups} x {m} x {n} x {k}, form {form}", bench => Run(bench, groups, m, n, k, options));
        }
    }

    [Test]
    public void MatchesTheDefinitionAtRandomSizes([Range(1, 20)] int number) => Check($"random case {number}", bench => Run(
        bench, 1 + bench.Random.Next(6), 1 + bench.Random.Next(70), 1 + bench.Random.Next(70), bench.Random.Next(70), new MatMulOptions
        {
            TransposeA = bench.Random.Next(2) == 0, TransposeB = bench.Random.Next(2) == 0, Mode = (WriteMode)bench.Random.Next(2),
        }));

    private static void Run(Bench bench, int groups, int m, int n, int k, MatMulOptions options)
    {
        Tensor a = bench.Activation(options.TransposeA ? new(groups, k, m) : new(groups, m, k));
        Tensor b = bench.Activation(options.TransposeB ? new(groups, n, k) : new(groups, k, n));
        Tensor product = bench.Destination(new(groups, m, n), options.Mode);
        bench.Backend.BatchedMatMul(product, a, b, options);
        bench.Expect("product", product, Tolerance.Sum(k + 1, 1.5));
    }
}

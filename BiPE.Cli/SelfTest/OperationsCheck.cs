using BiPE.Core.Tensors;

namespace BiPE.Cli.SelfTest;

/// <summary>Every operation against its definition in float64.</summary>
internal sealed class OperationsCheck : ISelfTestCheck
{
    // Of the size of what is summed; bfloat16 rounds to 1/256, and a gradient meets several such roundings.
    private const double Float32Bound = 1e-4;
    private const double TensorFloat32Bound = 1e-2;
    private const double BFloat16Bound = 5e-2;

    public string Name => "operations";

    public (bool Passed, string Detail) Run(ITensorBackend backend)
    {
        using var host = new HostBackend();
        double bound = BoundOf(backend);
        double worst = 0;
        string where = "";
        int cases = 0;
        foreach ((string name, Action<OperandBench> body) in OperationCases.All())
        {
            cases++;
            using var expected = new OperandBench(host, cases);
            using var found = new OperandBench(backend, cases);
            body(expected);
            body(found);
            foreach (((string result, double[] wanted), (_, double[] got)) in expected.Results.Zip(found.Results))
            {
                double error = Error(wanted, got);
                if (!(error <= worst))
                {
                    worst = error;
                    where = $"{name}, {result}";
                }
            }
        }

        return (worst <= bound, FormattableString.Invariant($"{cases} cases, largest error {worst:G2} of {bound:G2} allowed, at {where}"));
    }

    private static double BoundOf(ITensorBackend backend) =>
        backend.Info.ActivationType == ElementType.BFloat16 ? BFloat16Bound
        : backend.Info.Device.Contains("TF32", StringComparison.Ordinal) ? TensorFloat32Bound
        : Float32Bound;

    /// <summary>Largest difference relative to the larger of the element and the root mean square of all.</summary>
    private static double Error(double[] expected, double[] found)
    {
        double size = Math.Sqrt(expected.Sum(value => value * value) / Math.Max(1, expected.Length));
        double worst = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs(found[i] - expected[i]) / Math.Max(Math.Abs(expected[i]), Math.Max(size, 1e-30));
            worst = error <= worst ? worst : error;
        }

        return worst;
    }
}

using BiPE.Core.Tensors;

namespace BiPE.Cli.SelfTest;

/// <summary>Every operation against its definition in float64.</summary>
/// <param name="takes">Which cases by their names; null for all.</param>
internal sealed class OperationsCheck(Func<string, bool>? takes = null) : ISelfTestCheck
{
    public string Name => "operations";

    public (bool Passed, string Detail) Run(ITensorBackend backend)
    {
        using var host = new HostBackend();
        double bound = SelfTestBounds.Of(backend).Operation;
        double worst = 0;
        string where = "";
        int cases = 0;
        foreach ((string name, Action<OperandBench> body) in OperationCases.All().Where(one => takes?.Invoke(one.Name) ?? true))
        {
            cases++;
            using var expected = new OperandBench(host, cases);
            using var found = new OperandBench(backend, cases);
            body(expected);
            body(found);
            foreach (((string result, double[] wanted), (_, double[] got)) in expected.Results.Zip(found.Results))
            {
                double error = Error(wanted, got);
                if (double.IsNaN(error) || error > worst)
                {
                    worst = error;
                    where = $"{name}, {result}";
                }
            }
        }

        return (worst <= bound, FormattableString.Invariant($"{cases} cases, largest error {worst:G2} of {bound:G2} allowed, at {where}"));
    }

    /// <summary>
    /// Largest difference relative to the larger of the element and the root mean square of all. Exact zeros do not count there:
    /// they are what nothing was added to, such as pairs of positions that do not occur. NaN once there is one.
    /// </summary>
    private static double Error(double[] expected, double[] found)
    {
        double size = Math.Sqrt(expected.Sum(value => value * value) / Math.Max(1, expected.Count(value => value != 0)));
        double worst = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs(found[i] - expected[i]) / Math.Max(Math.Abs(expected[i]), Math.Max(size, 1e-30));
            worst = Math.Max(worst, error);
        }

        return worst;
    }
}

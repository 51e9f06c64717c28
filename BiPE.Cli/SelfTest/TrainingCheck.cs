using BiPE.Core.Tensors;
using BiPE.Cpu;

namespace BiPE.Cli.SelfTest;

/// <summary>Twenty training steps beside the CPU backend and the reference implementation.</summary>
/// <param name="golden">Recorded numbers.</param>
/// <param name="encoding">Encoding.</param>
internal sealed class TrainingCheck(GoldenFiles golden, string encoding) : ISelfTestCheck
{
    public string Name => $"training {encoding}";

    public (bool Passed, string Detail) Run(ITensorBackend backend)
    {
        var training = new GoldenTraining(golden, encoding);
        double[] recorded = training.Losses;
        double[] found = training.Run(backend, recorded.Length, (_, _) => { });
        double[] beside;
        using (var cpu = new CpuBackend())
        {
            beside = training.Run(cpu, recorded.Length, (_, _) => { });
        }

        double fromRecorded = Error(found, recorded);
        double fromCpu = Error(found, beside);
        double bound = SelfTestBounds.Of(backend).Loss;
        return (fromRecorded <= bound && fromCpu <= bound, FormattableString.Invariant(
            $"{found.Length} steps, loss {found[0]:F4} to {found[^1]:F4}, within {fromCpu:G2} of the CPU and {fromRecorded:G2} of the reference"));
    }

    private static double Error(double[] found, double[] expected) => found.Zip(expected, (a, b) => Math.Abs(a - b) / b).Aggregate(0.0, Math.Max);
}

using System.Runtime.CompilerServices;

namespace BiPE.Cli.Benchmark.Limits;

/// <summary>Chains of multiply-adds in registers, more of them than a unit's latency times the number of units.</summary>
internal readonly struct MultiplyAddLoop<TLimit, TVector> : ILimitLoop
    where TLimit : struct, ILimitVector<TVector>
    where TVector : unmanaged
{
    private const int Repetitions = 2_000_000;
    private const int Chains = 12;

    /// <summary>Floating-point operations of one thread.</summary>
    public static double Flops => 2.0 * TLimit.Width * Chains * Repetitions;

    public void Run(int thread)
    {
        if (float.IsNaN(Spin()))
        {
            throw new InvalidOperationException("The chains of multiply-adds converge; this cannot be.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Spin()
    {
        TVector x = TLimit.Broadcast(0.999f);
        TVector y = TLimit.Broadcast(0.001f);
        TVector a0 = x, a1 = x, a2 = x, a3 = x, a4 = x, a5 = x, a6 = x, a7 = x;
        TVector b0 = y, b1 = y, b2 = y, b3 = y;
        for (int i = 0; i < Repetitions; i++)
        {
            a0 = TLimit.MultiplyAdd(a0, x, y);
            a1 = TLimit.MultiplyAdd(a1, x, y);
            a2 = TLimit.MultiplyAdd(a2, x, y);
            a3 = TLimit.MultiplyAdd(a3, x, y);
            a4 = TLimit.MultiplyAdd(a4, x, y);
            a5 = TLimit.MultiplyAdd(a5, x, y);
            a6 = TLimit.MultiplyAdd(a6, x, y);
            a7 = TLimit.MultiplyAdd(a7, x, y);
            b0 = TLimit.MultiplyAdd(b0, x, y);
            b1 = TLimit.MultiplyAdd(b1, x, y);
            b2 = TLimit.MultiplyAdd(b2, x, y);
            b3 = TLimit.MultiplyAdd(b3, x, y);
        }

        TVector sum = TLimit.Add(TLimit.Add(TLimit.Add(a0, a1), TLimit.Add(a2, a3)), TLimit.Add(TLimit.Add(a4, a5), TLimit.Add(a6, a7)));
        return TLimit.Sum(TLimit.Add(sum, TLimit.Add(TLimit.Add(b0, b1), TLimit.Add(b2, b3))));
    }
}

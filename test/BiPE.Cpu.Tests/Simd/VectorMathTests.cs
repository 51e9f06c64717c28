using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Tests.Simd;

/// <summary>Elementary functions against double precision, at every width.</summary>
public sealed class VectorMathTests
{
    private const int Samples = 400_000;

    public enum Function
    {
        Exp,
        Log,
        Sigmoid,
        Tanh,
    }

    private static IEnumerable<TestCaseData> Cases() =>
        from width in Widths.All
        from function in Enum.GetValues<Function>()
        select new TestCaseData(width, function);

    [TestCaseSource(nameof(Cases))]
    public void IsWithinAFewUnitsInTheLastPlace(SimdWidth width, Function function)
    {
        (float low, float high, double bound) = function switch
        {
            Function.Exp => (-87f, 88.7f, 1.0e-7),
            Function.Log => (1e-30f, 50f, 1.2e-7),
            Function.Sigmoid => (-80f, 80f, 2.0e-7),
            _ => (-12f, 12f, 2.0e-7),
        };
        var worst = new WorstError(function, low, high);
        Widths.Run(width, worst);
        TestContext.Out.WriteLine($"{function} at {width}: largest relative error {worst.Error:E2} at {worst.At:R}");
        Assert.That(worst.Error, Is.LessThan(bound), $"at {worst.At:R}");
    }

    [TestCaseSource(nameof(Cases))]
    public void SpecialValuesFollowTheStandard(SimdWidth width, Function function)
    {
        (float X, float Wanted)[] cases = function switch
        {
            Function.Exp =>
            [
                (0, 1), (-0f, 1), (float.PositiveInfinity, float.PositiveInfinity), (float.NegativeInfinity, 0), (float.NaN, float.NaN),
                (88.8f, float.PositiveInfinity), (1e30f, float.PositiveInfinity), (-1e30f, 0), (-103.98f, 0), (-104, 0),
            ],
            Function.Log =>
            [
                (1, 0), (0, float.NegativeInfinity), (-0f, float.NegativeInfinity), (float.PositiveInfinity, float.PositiveInfinity),
                (-1, float.NaN), (float.NaN, float.NaN), (float.NegativeInfinity, float.NaN), (1e-45f, (float)Math.Log(1e-45f)),
                (1e-40f, (float)Math.Log(1e-40f)), (float.MaxValue, (float)Math.Log(float.MaxValue)),
            ],
            Function.Sigmoid =>
            [
                (0, 0.5f), (float.PositiveInfinity, 1), (float.NegativeInfinity, 0), (float.NaN, float.NaN), (1000, 1), (-1000, 0),
            ],
            _ => [(0, 0), (float.PositiveInfinity, 1), (float.NegativeInfinity, -1), (float.NaN, float.NaN), (50, 1), (-50, -1)],
        };
        foreach ((float x, float wanted) in cases)
        {
            var result = new Single(function, x);
            Widths.Run(width, result);
            Assert.That(result.Value, Is.EqualTo(wanted), $"{function}({x:R})");
        }
    }

    [TestCaseSource(typeof(Widths), nameof(Widths.All))]
    public void ExpOfSubnormalResultsIsRoundedOnce(SimdWidth width)
    {
        for (float x = -103.9f; x < -87; x += 0.37f)
        {
            var result = new Single(Function.Exp, x);
            Widths.Run(width, result);
            Assert.That(result.Value, Is.EqualTo((float)Math.Exp(x)).Within(2 * float.Epsilon + (float)(1e-7 * Math.Exp(x))), $"exp({x:R})");
        }
    }

    private static TVector Apply<TSimd, TVector>(Function function, TVector x)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged => function switch
        {
            Function.Exp => VectorMath<TSimd, TVector>.Exp(x),
            Function.Log => VectorMath<TSimd, TVector>.Log(x),
            Function.Sigmoid => VectorMath<TSimd, TVector>.Sigmoid(x),
            _ => VectorMath<TSimd, TVector>.Tanh(x),
        };

    private static double Exact(Function function, double x) => function switch
    {
        Function.Exp => Math.Exp(x),
        Function.Log => Math.Log(x),
        Function.Sigmoid => 1 / (1 + Math.Exp(-x)),
        _ => Math.Tanh(x),
    };

    private sealed class WorstError(Function function, float low, float high) : IWidthAction
    {
        public double Error { get; private set; }

        public float At { get; private set; }

        public unsafe void Run<TSimd, TVector>()
            where TSimd : struct, ISimd<TSimd, TVector>
            where TVector : unmanaged
        {
            var random = new Random(7);
            float* x = stackalloc float[16];
            float* y = stackalloc float[16];
            for (int sample = 0; sample < Samples; sample += TSimd.Width)
            {
                for (int lane = 0; lane < TSimd.Width; lane++)
                {
                    x[lane] = low + ((high - low) * random.NextSingle());
                }

                TSimd.Store(y, Apply<TSimd, TVector>(function, TSimd.Load(x)));
                for (int lane = 0; lane < TSimd.Width; lane++)
                {
                    double exact = Exact(function, x[lane]);
                    double error = Math.Abs(y[lane] - exact) / Math.Abs(exact);
                    if (error > Error)
                    {
                        (Error, At) = (error, x[lane]);
                    }
                }
            }
        }
    }

    private sealed class Single(Function function, float x) : IWidthAction
    {
        public float Value { get; private set; }

        public unsafe void Run<TSimd, TVector>()
            where TSimd : struct, ISimd<TSimd, TVector>
            where TVector : unmanaged
        {
            float* lanes = stackalloc float[16];
            TSimd.Store(lanes, Apply<TSimd, TVector>(function, TSimd.Broadcast(x)));
            Value = lanes[TSimd.Width - 1];
        }
    }
}

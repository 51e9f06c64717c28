using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Tests.Simd;

/// <summary>Every vector instruction against its meaning for one element, at every width.</summary>
public sealed class SimdTests
{
    private static readonly float[] s_values =
    [
        0, -0f, 1, -1, 0.5f, -2.5f, 3.5f, 1e-3f, -7e5f, 3e38f, -3e38f, 1e-40f, -1e-45f, float.PositiveInfinity, float.NegativeInfinity, 123.456f,
    ];

    private static SimdWidth[] Widths => Simd.Widths.All;

    [TestCaseSource(nameof(Widths))]
    public void ArithmeticIsThatOfFloat32(SimdWidth width) => Simd.Widths.Run(width, new Arithmetic());

    [TestCaseSource(nameof(Widths))]
    public void ComparisonsMakeMasksThatSelect(SimdWidth width) => Simd.Widths.Run(width, new Comparisons());

    [TestCaseSource(nameof(Widths))]
    public void PartialLoadsAndStoresTouchOnlyTheirLanes(SimdWidth width) => Simd.Widths.Run(width, new Partials());

    [TestCaseSource(nameof(Widths))]
    public void ExponentsAreScaledAndSplit(SimdWidth width) => Simd.Widths.Run(width, new Exponents());

    [TestCaseSource(nameof(Widths))]
    public void SumAndLargestTakeEveryLane(SimdWidth width) => Simd.Widths.Run(width, new Reductions());

    [Test]
    public void TheWidestWidthIsOneOfThem() => Assert.That(Simd.Widths.All, Does.Contain(SimdWidths.Widest));

    private static unsafe float[] Lanes<TSimd, TVector>(TVector vector)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged
    {
        var lanes = new float[TSimd.Width];
        fixed (float* to = lanes)
        {
            TSimd.Store(to, vector);
        }

        return lanes;
    }

    private static unsafe TVector Vector<TSimd, TVector>(Func<int, float> lane)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged
    {
        float[] lanes = [.. Enumerable.Range(0, TSimd.Width).Select(lane)];
        fixed (float* from = lanes)
        {
            return TSimd.Load(from);
        }
    }

    private readonly struct Arithmetic : IWidthAction
    {
        public void Run<TSimd, TVector>()
            where TSimd : struct, ISimd<TSimd, TVector>
            where TVector : unmanaged
        {
            for (int shift = 0; shift < s_values.Length; shift++)
            {
                for (int start = 0; start < s_values.Length; start += TSimd.Width)
                {
                    float A(int lane) => s_values[(start + lane) % s_values.Length];
                    float B(int lane) => s_values[(start + lane + shift) % s_values.Length];
                    TVector a = Vector<TSimd, TVector>(A);
                    TVector b = Vector<TSimd, TVector>(B);
                    Expect("add", TSimd.Add(a, b), lane => A(lane) + B(lane));
                    Expect("subtract", TSimd.Subtract(a, b), lane => A(lane) - B(lane));
                    Expect("multiply", TSimd.Multiply(a, b), lane => A(lane) * B(lane));
                    Expect("divide", TSimd.Divide(a, b), lane => A(lane) / B(lane));
                    Expect("multiply-add", TSimd.MultiplyAdd(a, b, a), lane => float.FusedMultiplyAdd(A(lane), B(lane), A(lane)));
                    Expect("maximum", TSimd.Maximum(a, b), lane => Math.Max(A(lane), B(lane)));
                    Expect("minimum", TSimd.Minimum(a, b), lane => Math.Min(A(lane), B(lane)));
                    Expect("square root", TSimd.SquareRoot(a), lane => MathF.Sqrt(A(lane)));
                    Expect("round", TSimd.Round(a), lane => MathF.Round(A(lane)));
                    Expect("broadcast", TSimd.Broadcast(B(0)), _ => B(0));
                    Expect("zero", TSimd.Zero, _ => 0);
                }
            }

            static void Expect(string operation, TVector found, Func<int, float> wanted) =>
                Assert.That(Lanes<TSimd, TVector>(found), Is.EqualTo(Enumerable.Range(0, TSimd.Width).Select(wanted)), operation);
        }
    }

    private readonly struct Comparisons : IWidthAction
    {
        public void Run<TSimd, TVector>()
            where TSimd : struct, ISimd<TSimd, TVector>
            where TVector : unmanaged
        {
            float[] candidates = [-1, 0, 1, float.NaN, float.PositiveInfinity];
            foreach (float other in candidates)
            {
                for (int shift = 0; shift < candidates.Length; shift++)
                {
                    float A(int lane) => candidates[(lane + shift) % candidates.Length];
                    TVector a = Vector<TSimd, TVector>(A);
                    TVector b = TSimd.Broadcast(other);
                    Expect(TSimd.LessThan(a, b), lane => A(lane) < other);
                    Expect(TSimd.LessThanOrEqual(a, b), lane => A(lane) <= other);
                    Expect(TSimd.Equal(a, b), lane => A(lane) == other);
                    Expect(TSimd.And(TSimd.LessThanOrEqual(a, b), TSimd.LessThanOrEqual(b, a)), lane => A(lane) <= other && other <= A(lane));
                }
            }

            static void Expect(TVector mask, Func<int, bool> wanted) => Assert.That(
                Lanes<TSimd, TVector>(TSimd.Select(mask, TSimd.Broadcast(3), TSimd.Broadcast(4))),
                Is.EqualTo(Enumerable.Range(0, TSimd.Width).Select(lane => wanted(lane) ? 3f : 4f)));
        }
    }

    private readonly struct Partials : IWidthAction
    {
        public unsafe void Run<TSimd, TVector>()
            where TSimd : struct, ISimd<TSimd, TVector>
            where TVector : unmanaged
        {
            int width = TSimd.Width;
            for (int count = 0; count <= width; count++)
            {
                float[] source = [.. Enumerable.Range(1, width).Select(value => (float)value)];
                float[] target = [.. Enumerable.Repeat(-1f, width)];
                fixed (float* from = source, to = target)
                {
                    TVector loaded = TSimd.LoadPartial(from, count);
                    Assert.That(
                        Lanes<TSimd, TVector>(loaded), Is.EqualTo(source.Select((value, lane) => lane < count ? value : 0)), $"load {count}");
                    TSimd.StorePartial(to, TSimd.Load(from), count);
                }

                Assert.That(target, Is.EqualTo(source.Select((value, lane) => lane < count ? value : -1)), $"store {count}");
            }
        }
    }

    private readonly struct Exponents : IWidthAction
    {
        public void Run<TSimd, TVector>()
            where TSimd : struct, ISimd<TSimd, TVector>
            where TVector : unmanaged
        {
            foreach (float value in new[] { 0.7071f, 0.99999f, 1.4142f, 1f })
            {
                for (int exponent = -160; exponent <= 160; exponent++)
                {
                    float scaled = Lanes<TSimd, TVector>(TSimd.ScaleByPowerOfTwo(TSimd.Broadcast(value), TSimd.Broadcast(exponent)))[^1];
                    Assert.That(scaled, Is.EqualTo((float)(value * Math.Pow(2, exponent))), $"{value} * 2^{exponent}");
                    if (float.IsNormal(scaled))
                    {
                        float split = Lanes<TSimd, TVector>(TSimd.SplitExponent(TSimd.Broadcast(scaled), out TVector mantissa))[^1];
                        Assert.That(Lanes<TSimd, TVector>(mantissa)[^1], Is.InRange(0.5f, 1f).And.LessThan(1f));
                        Assert.That(Lanes<TSimd, TVector>(mantissa)[^1] * Math.Pow(2, split), Is.EqualTo((double)scaled));
                    }
                }
            }
        }
    }

    private readonly struct Reductions : IWidthAction
    {
        public void Run<TSimd, TVector>()
            where TSimd : struct, ISimd<TSimd, TVector>
            where TVector : unmanaged
        {
            for (int marked = 0; marked < TSimd.Width; marked++)
            {
                TVector vector = Vector<TSimd, TVector>(lane => lane == marked ? 100 : -lane - 1);
                float[] lanes = Lanes<TSimd, TVector>(vector);
                Assert.That(TSimd.Sum(vector), Is.EqualTo(lanes.Sum()));
                Assert.That(TSimd.Largest(vector), Is.EqualTo(100));
            }
        }
    }
}

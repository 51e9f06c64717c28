using System.Numerics;
using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Positions;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Positions.Rotary;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Core.Tests.Positions.Rotary;

/// <summary>
/// Attention scores of scaled rotary encodings against the papers' formulas, written as complex numbers: the score of a query at m
/// and a key at n is the real part of the sum over pairs of q conj(k) exp(i (m - n) theta), times the temperature's inverse.
/// </summary>
public sealed class ScaledScoreTests
{
    private const int Dimension = 16;
    private const double Base = 10000;
    private const int Original = 24;
    private const double Factor = 4;
    private const int Time = 60;

    /// <summary>Separators at uneven distances, so that segments are few and tokens many.</summary>
    private static readonly int[] Tokens = [.. Enumerable.Range(0, Time).Select(t => t % 7 is 2 or 6 ? 1 : 0)];

    [Test]
    public void ScoresAreThePapersFormulas(
        [Values("none", "linear", "dynamic", "ntk-by-parts", "yarn")] string method, [Values(PositionStream.Token, PositionStream.Segment)] PositionStream over)
    {
        using var backend = new ReferenceBackend();
        using var tape = new Tape(backend, isRecording: false);
        RotaryScalingConfig? config = method == "none" ? null : new RotaryScalingConfig(method, Factor)
        {
            BetaSlow = method is "yarn" or "ntk-by-parts" ? 0.5 : null,
            BetaFast = method is "yarn" or "ntk-by-parts" ? 3 : null,
            Truncates = method == "yarn" ? false : null,
        };
        using var rope = new Rope(
            backend, over, new RotaryShape(Dimension, Base, Original), RotaryScalings.Create(config, Original), logScale: null);
        var streams = new PositionStreams(Tokens, 1, Time, new SeparatorSegmenter([1]));
        RotaryTables tables = rope.Build(tape, streams, new AttentionShape(1, Time, 1, 1, Dimension)).Rotary!;
        double[] cosine = backend.ReadDoubles(tables.QueryCosine);
        double[] sine = backend.ReadDoubles(tables.QuerySine);
        var random = new Random(3);
        double[] query = [.. Enumerable.Range(0, Dimension).Select(_ => random.NextDouble() - 0.5)];
        double[] key = [.. Enumerable.Range(0, Dimension).Select(_ => random.NextDouble() - 0.5)];
        double[] theta = Frequencies(method);
        double amplitude = method == "yarn" ? (0.1 * Math.Log(Factor)) + 1 : 1;
        foreach ((int q, int k) in new[] { (0, 0), (5, 5), (23, 2), (40, 39), (59, 0), (59, 31) })
        {
            int m = streams[over][q];
            int n = streams[over][k];
            double[] rotatedQuery = Rotated(query, m);
            double[] rotatedKey = Rotated(key, n);
            double found = rotatedQuery.Zip(rotatedKey, (a, b) => a * b).Sum();
            Assert.That(found, Is.EqualTo(amplitude * amplitude * Score(query, key, m - n, theta)).Within(1e-12), $"query {q}, key {k}");
        }

        double[] Rotated(double[] vector, int position)
        {
            var rotated = new double[Dimension];
            int half = Dimension / 2;
            for (int i = 0; i < half; i++)
            {
                double c = cosine[(position * half) + i];
                double s = sine[(position * half) + i];
                rotated[i] = (vector[i] * c) - (vector[i + half] * s);
                rotated[i + half] = (vector[i + half] * c) + (vector[i] * s);
            }

            return rotated;
        }
    }

    private static double Score(double[] query, double[] key, int distance, double[] theta)
    {
        Complex sum = 0;
        int half = Dimension / 2;
        for (int i = 0; i < half; i++)
        {
            var q = new Complex(query[i], query[i + half]);
            var k = new Complex(key[i], key[i + half]);
            sum += q * Complex.Conjugate(k) * Complex.Exp(Complex.ImaginaryOne * distance * theta[i]);
        }

        return sum.Real;
    }

    /// <summary>Angles per position, pair by pair, from the formulas alone.</summary>
    private static double[] Frequencies(string method)
    {
        double[] theta = [.. Enumerable.Range(0, Dimension / 2).Select(i => 1 / Math.Pow(Base, (double)i / (Dimension / 2)))];
        return method switch
        {
            // Position interpolation, Chen et al. 2023: position m becomes m L / L'.
            "linear" => [.. theta.Select(angle => angle * Original / (Factor * Original))],

            // Dynamic NTK as Hugging Face defines it: the base grows by ((s n / L) - (s - 1))^(d / (d - 2)) for n tokens.
            "dynamic" =>
            [
                .. Enumerable.Range(0, Dimension / 2).Select(i => Math.Pow(
                    Base * Math.Pow((Factor * Time / Original) - (Factor - 1), Dimension / (Dimension - 2.0)), -2.0 * i / Dimension)),
            ],

            // Peng et al. 2023, section 3.2: the ramp over r = L / wavelength.
            "ntk-by-parts" =>
            [
                .. theta.Select(angle =>
                {
                    double ratio = Original / (2 * Math.PI / angle);
                    double ramp = ratio < 0.5 ? 0 : ratio > 3 ? 1 : (ratio - 0.5) / (3 - 0.5);
                    return ((1 - ramp) * angle / Factor) + (ramp * angle);
                }),
            ],

            // The authors' code: the same ends, found by wavelength 2 pi b^(2 i / d) = L / r, but a ramp over the pair's index.
            "yarn" =>
            [
                .. theta.Select((angle, i) =>
                {
                    double first = Dimension / 2.0 * Math.Log(Original / (3 * 2 * Math.PI), Base);
                    double last = Dimension / 2.0 * Math.Log(Original / (0.5 * 2 * Math.PI), Base);
                    double interpolated = i <= first ? 0 : i >= last ? 1 : (i - first) / (last - first);
                    return angle * (1 - interpolated + (interpolated / Factor));
                }),
            ],
            _ => theta,
        };
    }
}

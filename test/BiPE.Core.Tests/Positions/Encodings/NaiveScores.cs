namespace BiPE.Core.Tests.Positions.Encodings;

/// <summary>
/// Scores of single pairs of query and key, written from the papers' formulas in float64 without a table, a kernel or a line of the
/// project's own encodings.
/// </summary>
/// <param name="heads">Number of heads.</param>
/// <param name="options">Options of the encoding.</param>
/// <param name="learned">Learned numbers by the last part of their name, as they are stored.</param>
internal sealed class NaiveScores(int heads, IReadOnlyDictionary<string, double> options, IReadOnlyDictionary<string, double[]> learned)
{
    /// <summary>Score before the softmax.</summary>
    /// <param name="encoding">Name of the encoding.</param>
    /// <param name="query">Query vector.</param>
    /// <param name="key">Key vector.</param>
    /// <param name="head">Head, from 0.</param>
    /// <param name="i">Query's position.</param>
    /// <param name="j">Key's position, at most i.</param>
    /// <param name="bilevel">Whether positions are segments, which steepens ALiBi.</param>
    public double Score(string encoding, double[] query, double[] key, int head, int i, int j, bool bilevel)
    {
        double scale = 1 / Math.Sqrt(query.Length);
        double plain = query.Zip(key).Sum(pair => pair.First * pair.Second) * scale;
        double slope = AlibiSlope(head) * (bilevel ? 96 : 1);
        int d = i - j;
        return encoding switch
        {
            "nope" => plain,
            "rope" or "randomized_rope" => Rotated(query, key, d, _ => 1) * scale,
            "xpos" => Rotated(query, key, d, pair => Math.Pow(((pair / (query.Length / 2.0)) + 0.4) / 1.4, d / options["scale_base"])) * scale,
            "alibi" or "randomized_alibi" => plain - (slope * d),
            "alibi_learned" => plain - (Math.Exp(learned["log_slopes"][head]) * d),
            "t5" => plain + learned["weight"][(head * (int)options["buckets"]) + T5Bucket(d)],
            "kerple" => plain - (Math.Exp(learned["log_r1"][head]) * Math.Log(1 + (Math.Exp(learned["log_r2"][head]) * d))),
            "kerple_power" => plain - (Math.Exp(learned["log_r1"][head]) * (d == 0 ? 0 : Math.Pow(d, 2 / (1 + Math.Exp(-learned["logit_r2"][head]))))),
            "fire" => plain + Fire(head, i, d),
            "sandwich" => plain + Sandwich(head, d),
            _ => throw new InvalidOperationException($"There is no naive form of {encoding}; write one from its paper."),
        };
    }

    /// <summary>Real part of q conj(k) e^(i d theta), pair by pair, elements p and p + half being one complex number (Su et al., equation 12).</summary>
    private static double Rotated(double[] query, double[] key, int distance, Func<int, double> factor)
    {
        int half = query.Length / 2;
        double sum = 0;
        for (int p = 0; p < half; p++)
        {
            var q = new System.Numerics.Complex(query[p], query[p + half]);
            var k = new System.Numerics.Complex(key[p], key[p + half]);
            double theta = Math.Pow(10000, -(double)p / half);
            sum += factor(p) * (q * System.Numerics.Complex.Conjugate(k) * System.Numerics.Complex.Exp(new System.Numerics.Complex(0, distance * theta))).Real;
        }

        return sum;
    }

    /// <summary>Press et al., section 3 and its footnote: a geometric sequence; between two powers of two, every second of the next one's.</summary>
    private double AlibiSlope(int head)
    {
        int power = 1;
        while (2 * power <= heads)
        {
            power *= 2;
        }

        return head < power ? Math.Pow(Math.Pow(2, -8.0 / power), head + 1) : Math.Pow(Math.Pow(2, -4.0 / power), (2 * (head - power)) + 1);
    }

    /// <summary>Raffel et al.'s published function for attention that looks back only.</summary>
    private int T5Bucket(int distance)
    {
        int buckets = (int)options["buckets"];
        int exact = buckets / 2;
        int logarithmic = exact;
        if (distance < exact)
        {
            return distance;
        }

        // The largest bucket whose lower edge is not beyond the distance.
        while (logarithmic + 1 < buckets
            && exact * Math.Pow(options["max_distance"] / exact, (logarithmic + 1.0 - exact) / (buckets - exact)) <= distance)
        {
            logarithmic++;
        }

        return logarithmic;
    }

    /// <summary>Li et al., equation 4 and the listing of the appendix.</summary>
    private double Fire(int head, int i, int distance)
    {
        double c = Math.Exp(learned["log_c"][0]);
        double threshold = Math.Exp(learned["log_threshold"][0]);
        double x = Math.Log((c * distance) + 1) / Math.Log((c * Math.Max(threshold, i)) + 1);
        int width = (int)options["width"];
        return Enumerable.Range(0, width).Sum(unit =>
            learned["output.weight"][(head * width) + unit] * Math.Max(0, (learned["input.weight"][unit] * x) + learned["input.bias"][unit]));
    }

    /// <summary>Chi et al. 2023: the product of the two positions' sinusoidal embeddings by the head's compression ratio.</summary>
    private double Sandwich(int head, int distance)
    {
        int size = (int)options["dimension"];
        double[] near = Sinusoids(100, size);
        double[] far = Sinusoids(100 + distance, size);
        return near.Zip(far).Sum(pair => pair.First * pair.Second) / ((head + 1) * 8.0 / heads);
    }

    private static double[] Sinusoids(int position, int size) =>
    [
        .. Enumerable.Range(0, size / 2).Select(i => Math.Sin(position / Math.Pow(10000, 2.0 * i / size))),
        .. Enumerable.Range(0, size / 2).Select(i => Math.Cos(position / Math.Pow(10000, 2.0 * i / size))),
    ];
}

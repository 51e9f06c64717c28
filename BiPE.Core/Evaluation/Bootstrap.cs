using BiPE.Core.Evaluation.Results;
using BiPE.Core.Randomness;
using MathNet.Numerics.Statistics;

namespace BiPE.Core.Evaluation;

/// <summary>
/// Percentile intervals of ratios of sums by resampling whole documents (Efron and Tibshirani 1993, An Introduction to the Bootstrap,
/// chapter 13), because the losses of one document go together. The same documents give the same interval.
/// </summary>
public static class Bootstrap
{
    /// <summary>Times the documents are resampled.</summary>
    public const int Resamples = 2000;

    private const double Level = 0.95;
    private const ulong Seed = 1;

    /// <summary>Interval of a mean loss.</summary>
    /// <param name="losses">Losses by document.</param>
    /// <returns>Null of fewer than two documents.</returns>
    public static LossInterval? Interval(DocumentLosses losses)
    {
        ArgumentNullException.ThrowIfNull(losses);
        double[] loss = [.. losses.Losses];
        double[] weight = [.. losses.Weights];
        return Interval(loss.Length, chosen =>
        {
            double lossSum = 0;
            double weightSum = 0;
            foreach (int document in chosen)
            {
                lossSum += loss[document];
                weightSum += weight[document];
            }

            return lossSum / weightSum;
        });
    }

    /// <summary>Interval of the difference of two models' mean losses on the same documents, the first less the second.</summary>
    /// <param name="first">Losses of the first model.</param>
    /// <param name="second">Losses of the second model.</param>
    /// <returns>Null of fewer than two documents.</returns>
    /// <exception cref="ArgumentException">The documents are not the same.</exception>
    public static LossInterval? Difference(DocumentLosses first, DocumentLosses second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (!first.Documents.SequenceEqual(second.Documents))
        {
            throw new ArgumentException("The two evaluations scored different documents.", nameof(second));
        }

        double[] firstLoss = [.. first.Losses];
        double[] firstWeight = [.. first.Weights];
        double[] secondLoss = [.. second.Losses];
        double[] secondWeight = [.. second.Weights];
        return Interval(firstLoss.Length, chosen =>
        {
            (double firstSum, double firstTotal, double secondSum, double secondTotal) = (0, 0, 0, 0);
            foreach (int document in chosen)
            {
                firstSum += firstLoss[document];
                firstTotal += firstWeight[document];
                secondSum += secondLoss[document];
                secondTotal += secondWeight[document];
            }

            return (firstSum / firstTotal) - (secondSum / secondTotal);
        });
    }

    private static LossInterval? Interval(int documents, Func<int[], double> statistic)
    {
        if (documents < 2)
        {
            return null;
        }

        var random = new PhiloxRandomSource(Seed, Philox.Stream("bootstrap"));
        var chosen = new int[documents];
        var values = new double[Resamples];
        for (int resample = 0; resample < Resamples; resample++)
        {
            for (int i = 0; i < documents; i++)
            {
                // The upper half of a product is uniform to one part in 2^32 / documents, and far quicker than a rejection.
                chosen[i] = (int)(((ulong)random.NextUInt32() * (ulong)documents) >> 32);
            }

            values[resample] = statistic(chosen);
        }

        Array.Sort(values);
        double tail = (1 - Level) / 2;
        return new LossInterval(
            SortedArrayStatistics.Quantile(values, tail), SortedArrayStatistics.Quantile(values, 1 - tail), Level, documents, Resamples);
    }
}

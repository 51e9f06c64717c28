using BiPE.Core.Evaluation.Results;

namespace BiPE.Core.Evaluation;

/// <summary>Two models on the same tokens, document by document.</summary>
/// <param name="First">The first model's evaluation.</param>
/// <param name="Second">The second model's evaluation.</param>
/// <param name="Difference">The first model's mean loss less the second's, in nats; negative where the first is better.</param>
/// <param name="Interval">Its interval by paired bootstrap over documents; null of a single document.</param>
public sealed record PairedComparison(EvaluationRecord First, EvaluationRecord Second, double Difference, LossInterval? Interval)
{
    /// <summary>What the interval says.</summary>
    public ComparisonVerdict Verdict => Interval switch
    {
        null => ComparisonVerdict.TooFewDocuments,
        { High: < 0 } => ComparisonVerdict.FirstIsBetter,
        { Low: > 0 } => ComparisonVerdict.SecondIsBetter,
        _ => ComparisonVerdict.NoDifferenceDetected,
    };

    /// <summary>Whether two evaluations scored the same tokens in the same blocks; precision, rotary scaling and segments may differ.</summary>
    /// <param name="first">An evaluation.</param>
    /// <param name="second">Another.</param>
    public static bool IsPossible(EvaluationRecord first, EvaluationRecord second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return first.Data.Hash == second.Data.Hash
            && first.Settings with { Precision = second.Settings.Precision, RopeScaling = second.Settings.RopeScaling, Segmenter = second.Settings.Segmenter } == second.Settings;
    }

    /// <summary>Compares.</summary>
    /// <param name="first">The first model's evaluation.</param>
    /// <param name="second">The second model's evaluation.</param>
    /// <exception cref="ArgumentException">They did not score the same tokens; see <see cref="IsPossible"/>.</exception>
    public static PairedComparison Of(EvaluationRecord first, EvaluationRecord second)
    {
        if (!IsPossible(first, second))
        {
            throw new ArgumentException("The two evaluations differ in text, protocol or block size.", nameof(second));
        }

        DocumentLosses firstLosses = DocumentLosses.Of(first);
        DocumentLosses secondLosses = DocumentLosses.Of(second);
        return new PairedComparison(first, second, firstLosses.Mean - secondLosses.Mean, Bootstrap.Difference(firstLosses, secondLosses));
    }
}

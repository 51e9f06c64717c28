namespace BiPE.Core.Training;

/// <summary>Sums over the steps since the last log entry, which the next one tells.</summary>
/// <param name="Count">Number of steps.</param>
/// <param name="Loss">Sum of their losses.</param>
/// <param name="GradientNorm">Sum of their gradients' norms.</param>
/// <param name="Seconds">Time they took.</param>
public sealed record UnloggedSteps(long Count, double Loss, double GradientNorm, double Seconds)
{
    /// <summary>No step.</summary>
    public static UnloggedSteps None { get; } = new(0, 0, 0, 0);

    /// <summary>With one step more.</summary>
    /// <param name="report">The step.</param>
    public UnloggedSteps With(StepReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new UnloggedSteps(Count + 1, Loss + report.Loss, GradientNorm + report.GradientNorm, Seconds + report.Seconds);
    }
}

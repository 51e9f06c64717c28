namespace BiPE.Core.Training;

/// <summary>What one training step did.</summary>
/// <param name="Step">Number of the step, from 1.</param>
/// <param name="Loss">Mean loss in nats of the step's predictions, before its update.</param>
/// <param name="GradientNorm">Norm of all gradients together, before clipping.</param>
/// <param name="LearningRate">Rate of the step.</param>
/// <param name="Tokens">Tokens the step read.</param>
/// <param name="Seconds">Time it took.</param>
public sealed record StepReport(long Step, double Loss, double GradientNorm, double LearningRate, long Tokens, double Seconds)
{
    /// <summary>Tokens a second.</summary>
    public double TokensPerSecond => Seconds > 0 ? Tokens / Seconds : 0;
}

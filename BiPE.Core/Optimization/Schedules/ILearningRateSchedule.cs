namespace BiPE.Core.Optimization.Schedules;

/// <summary>The learning rate of every training step.</summary>
public interface ILearningRateSchedule
{
    /// <summary>The learning rate used by a step.</summary>
    /// <param name="step">Number of optimizer steps made before it: 0 for the first.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is negative.</exception>
    double RateAt(long step);
}

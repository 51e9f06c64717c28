namespace BiPE.Core.Optimization.Schedules;

/// <summary>One learning rate after the warm-up (Hugging Face's <c>constant_with_warmup</c>).</summary>
public sealed class ConstantSchedule : ILearningRateSchedule
{
    private readonly double _learningRate;
    private readonly WarmUp _warmUp;

    /// <summary>Creates the schedule.</summary>
    /// <param name="learningRate">The rate after the warm-up.</param>
    /// <param name="warmUpSteps">Length of the linear start; 0 for none.</param>
    /// <exception cref="BipeException">A value is out of range.</exception>
    public ConstantSchedule(double learningRate, long warmUpSteps)
    {
        _warmUp = new WarmUp(learningRate, warmUpSteps);
        _learningRate = learningRate;
    }

    /// <inheritdoc/>
    public double RateAt(long step) => _warmUp.TryGetRate(step, out double rate) ? rate : _learningRate;
}

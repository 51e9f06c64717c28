namespace BiPE.Core.Optimization.Schedules;

/// <summary>
/// Warm-up over W steps, then decay as a power of the share of steps left, as Hugging Face's
/// <c>get_polynomial_decay_schedule_with_warmup</c>: (peak - end) (1 - (s - W) / (N - W))^power + end, and <c>end</c> beyond
/// step N.
/// </summary>
public sealed class PolynomialSchedule : ILearningRateSchedule
{
    /// <summary>Hugging Face's rate at the last step.</summary>
    public const double DefaultEndLearningRate = 1e-7;

    private readonly double _learningRate;
    private readonly double _endLearningRate;
    private readonly double _power;
    private readonly long _totalSteps;
    private readonly WarmUp _warmUp;

    /// <summary>Creates the schedule.</summary>
    /// <param name="learningRate">The rate at the end of the warm-up (peak); above <paramref name="endLearningRate"/>.</param>
    /// <param name="warmUpSteps">Length of the linear start (W); from <paramref name="totalSteps"/> on, there is nothing but warm-up.</param>
    /// <param name="totalSteps">Number of training steps (N).</param>
    /// <param name="endLearningRate">The rate at step N and beyond (end).</param>
    /// <param name="power">Above 0; 1 is a straight line.</param>
    /// <exception cref="BipeException">A value is out of range.</exception>
    public PolynomialSchedule(
        double learningRate, long warmUpSteps, long totalSteps, double endLearningRate = DefaultEndLearningRate, double power = 1)
    {
        _warmUp = new WarmUp(learningRate, warmUpSteps);
        WarmUp.CheckTotal(totalSteps);
        if (!(endLearningRate >= 0 && endLearningRate < learningRate))
        {
            throw new BipeException(
                $"The learning rate is {learningRate}, expected more than the rate at the end of the polynomial decay, {endLearningRate}; " +
                "for a rate this small take the constant schedule.");
        }

        if (!(power > 0 && double.IsFinite(power)))
        {
            throw new BipeException($"The power of the polynomial decay is {power}, expected a number above 0.");
        }

        _learningRate = learningRate;
        _endLearningRate = endLearningRate;
        _power = power;
        _totalSteps = totalSteps;
    }

    /// <inheritdoc/>
    public double RateAt(long step)
    {
        if (_warmUp.TryGetRate(step, out double rate))
        {
            return rate;
        }

        if (step > _totalSteps)
        {
            return _endLearningRate;
        }

        // Where the warm-up ends with the training, its last step is the peak.
        double decaySteps = Math.Max(1, _totalSteps - _warmUp.Steps);
        double left = 1 - ((step - _warmUp.Steps) / decaySteps);
        return ((_learningRate - _endLearningRate) * Math.Pow(left, _power)) + _endLearningRate;
    }
}

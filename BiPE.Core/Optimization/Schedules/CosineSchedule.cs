namespace BiPE.Core.Optimization.Schedules;

/// <summary>
/// Warm-up over W steps, then half a cosine wave down to zero, as Hugging Face's <c>get_cosine_schedule_with_warmup</c>:
/// peak (1 + cos(pi (s - W) / (N - W))) / 2. Beyond step N it stays at zero, where Hugging Face's would rise again.
/// </summary>
public sealed class CosineSchedule : ILearningRateSchedule
{
    private readonly double _learningRate;
    private readonly long _totalSteps;
    private readonly WarmUp _warmUp;

    /// <summary>Creates the schedule.</summary>
    /// <param name="learningRate">The rate at the end of the warm-up (peak).</param>
    /// <param name="warmUpSteps">Length of the linear start (W); from <paramref name="totalSteps"/> on, there is nothing but warm-up.</param>
    /// <param name="totalSteps">Number of training steps (N).</param>
    /// <exception cref="BipeException">A value is out of range.</exception>
    public CosineSchedule(double learningRate, long warmUpSteps, long totalSteps)
    {
        _warmUp = new WarmUp(learningRate, warmUpSteps);
        WarmUp.CheckTotal(totalSteps);
        _learningRate = learningRate;
        _totalSteps = totalSteps;
    }

    /// <inheritdoc/>
    public double RateAt(long step)
    {
        if (_warmUp.TryGetRate(step, out double rate))
        {
            return rate;
        }

        double progress = (double)(step - _warmUp.Steps) / Math.Max(1, _totalSteps - _warmUp.Steps);
        return progress >= 1 ? 0 : _learningRate * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }
}

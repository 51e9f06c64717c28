namespace BiPE.Core.Optimization.Schedules;

/// <summary>The linear start that all schedules share: step s of W has s / W of the peak, so the very first step has rate zero.</summary>
internal sealed class WarmUp
{
    private readonly double _peak;

    public WarmUp(double peak, long steps)
    {
        if (!(peak >= 0 && double.IsFinite(peak)))
        {
            throw new BipeException($"The learning rate is {peak}, expected a finite number that is not negative.");
        }

        if (steps < 0)
        {
            throw new BipeException($"The number of warm-up steps is {steps}, expected 0 or more.");
        }

        _peak = peak;
        Steps = steps;
    }

    public long Steps { get; }

    /// <summary>Whether <paramref name="step"/> belongs to the warm-up, and then its rate.</summary>
    public bool TryGetRate(long step, out double rate)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        rate = step < Steps ? _peak * ((double)step / Steps) : 0;
        return step < Steps;
    }

    public static void CheckTotal(long totalSteps)
    {
        if (totalSteps <= 0)
        {
            throw new BipeException($"The number of training steps is {totalSteps}, expected 1 or more.");
        }
    }
}

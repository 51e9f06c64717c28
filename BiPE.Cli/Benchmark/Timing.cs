using System.Diagnostics;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark;

/// <summary>Times work on a device, which runs behind the host's back.</summary>
internal static class Timing
{
    private const double ShortestMeasurement = 0.05;
    private const int MostRepetitions = 1000;
    private const double WarmUp = 0.1;
    private const double ShortestSample = 0.005;
    private const int FewestSamples = 3;

    /// <summary>Median seconds of one repetition, over samples of some milliseconds, after a warm-up in which code is compiled and memory taken.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="work">The work, told the number of the repetition.</param>
    /// <param name="budget">Seconds to take samples for; three are taken in any case.</param>
    public static double Median(ITensorBackend backend, Action<int> work, double budget)
    {
        int turn = 0;
        double Sample(int repetitions)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < repetitions; i++)
            {
                work(turn++);
            }

            backend.Synchronize();
            return Stopwatch.GetElapsedTime(start).TotalSeconds / repetitions;
        }

        long warm = Stopwatch.GetTimestamp();
        double last = Sample(1);
        while (Stopwatch.GetElapsedTime(warm).TotalSeconds < Math.Min(WarmUp, budget))
        {
            last = Sample(1);
        }

        int repetitions = (int)Math.Clamp(Math.Ceiling(ShortestSample / last), 1, MostRepetitions);
        var samples = new List<double>();
        long begin = Stopwatch.GetTimestamp();
        while (samples.Count < FewestSamples || Stopwatch.GetElapsedTime(begin).TotalSeconds < budget)
        {
            samples.Add(Sample(repetitions));
        }

        return MedianOf(samples);
    }

    /// <summary>The middle of some numbers.</summary>
    /// <param name="values">One or more.</param>
    public static double MedianOf(IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Mean seconds of one repetition, after one that is not counted: it compiles and allocates.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="work">The work.</param>
    public static double Seconds(ITensorBackend backend, Action work)
    {
        work();
        backend.Synchronize();
        for (int repetitions = 1; ; repetitions *= 4)
        {
            var watch = Stopwatch.StartNew();
            for (int i = 0; i < repetitions; i++)
            {
                work();
            }

            backend.Synchronize();
            double seconds = watch.Elapsed.TotalSeconds;
            if (seconds >= ShortestMeasurement || repetitions >= MostRepetitions)
            {
                return seconds / repetitions;
            }
        }
    }
}

using System.Diagnostics;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark;

/// <summary>Times work on a device, which runs behind the host's back.</summary>
internal static class Timing
{
    private const double ShortestMeasurement = 0.05;
    private const int MostRepetitions = 1000;

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

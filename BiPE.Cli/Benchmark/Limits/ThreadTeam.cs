using System.Diagnostics;

namespace BiPE.Cli.Benchmark.Limits;

/// <summary>Runs a loop on several threads that start together, several times.</summary>
internal static class ThreadTeam
{
    /// <summary>Shortest time from the common start to the last thread's end.</summary>
    /// <typeparam name="TLoop">The loop.</typeparam>
    /// <param name="threads">How many threads run it, the caller among them.</param>
    /// <param name="runs">How often.</param>
    /// <param name="loop">The loop.</param>
    /// <returns>Seconds.</returns>
    public static double Best<TLoop>(int threads, int runs, TLoop loop)
        where TLoop : struct, ILimitLoop
    {
        using var barrier = new Barrier(threads);
        double best = double.PositiveInfinity;
        void Work(int thread)
        {
            for (int run = 0; run < runs; run++)
            {
                barrier.SignalAndWait();
                long start = Stopwatch.GetTimestamp();
                loop.Run(thread);
                barrier.SignalAndWait();
                if (thread == 0)
                {
                    best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
            }
        }

        Thread[] others = [.. Enumerable.Range(1, threads - 1).Select(thread => new Thread(() => Work(thread)) { IsBackground = true })];
        foreach (Thread other in others)
        {
            other.Start();
        }

        Work(0);
        foreach (Thread other in others)
        {
            other.Join();
        }

        return best;
    }
}

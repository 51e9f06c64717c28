namespace BiPE.Cli.Benchmark.Limits;

/// <summary>A loop that does nothing but use up one resource of the processor.</summary>
internal interface ILimitLoop
{
    /// <summary>Runs one thread's part.</summary>
    /// <param name="thread">The thread, from 0.</param>
    void Run(int thread);
}

namespace BiPE.Cli.Benchmark.Steps;

/// <summary>How fast whole passes of a model are.</summary>
/// <param name="Pass">"training": forward, backward, clipping and AdamW; or "evaluation": forward and loss.</param>
/// <param name="Model">Name of the model or file of its configuration.</param>
/// <param name="Encoding">Its position encoding.</param>
/// <param name="Parameters">Its number of parameters.</param>
/// <param name="Precision">What was computed in, and what weights were stored in where that is another type.</param>
/// <param name="Threads">Threads at work; 0 beside a processor.</param>
/// <param name="BatchSize">Blocks at once.</param>
/// <param name="BlockSize">Tokens of a block.</param>
/// <param name="Steps">Passes that were timed.</param>
/// <param name="Seconds">Median time of a pass.</param>
/// <param name="FastestSeconds">Shortest time.</param>
/// <param name="SlowestSeconds">Longest time.</param>
/// <param name="TokensPerSecond">Tokens a second, at the median.</param>
/// <param name="FlopsPerSecond">Operations of the model a second, at the median; those of training are three times those of evaluation.</param>
/// <param name="Loss">Mean loss of the last pass in nats.</param>
/// <param name="PeakResidentBytes">Most memory that the process held since its start; null if it did other things before, or the system does not tell.</param>
internal sealed record StepRate(
    string Pass, string Model, string Encoding, long Parameters, string Precision, int Threads, int BatchSize, int BlockSize, int Steps,
    double Seconds, double FastestSeconds, double SlowestSeconds, double TokensPerSecond, double FlopsPerSecond, double Loss, long? PeakResidentBytes)
{
    /// <summary>What was measured, in words.</summary>
    public string Name => $"{Pass} {Model} {Encoding}, {BatchSize} x {BlockSize}";
}

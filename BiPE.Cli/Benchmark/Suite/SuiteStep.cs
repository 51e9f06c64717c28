namespace BiPE.Cli.Benchmark.Suite;

/// <summary>A whole pass of the suite.</summary>
/// <param name="Model">One of <see cref="BenchModels.Names"/>.</param>
/// <param name="IsTraining">Training, or evaluation.</param>
/// <param name="BatchSize">Blocks at once; 1 for evaluation.</param>
/// <param name="BlockSize">Tokens of a block.</param>
/// <param name="WarmUp">Passes that are not timed.</param>
/// <param name="Passes">Passes that are.</param>
/// <param name="Cost">How long a pass takes beside others, for the progress.</param>
internal sealed record SuiteStep(string Model, bool IsTraining, int BatchSize, int BlockSize, int WarmUp, int Passes, double Cost);

namespace BiPE.Cli.Benchmark;

/// <summary>How fast a model trains.</summary>
/// <param name="BatchSize">Blocks of a step.</param>
/// <param name="BlockSize">Tokens of a block.</param>
/// <param name="Steps">Steps that were timed.</param>
/// <param name="SecondsPerStep">Mean time of a step.</param>
/// <param name="TokensPerSecond">Tokens learned from in a second.</param>
/// <param name="ShareOfProductRate">Operations of the model a second, as a share of the device's measured rate (MFU).</param>
/// <param name="PeakBytes">Most memory that tensors held at once.</param>
/// <param name="ReservedBytes">Memory taken from the device.</param>
/// <param name="GrowthBytes">Memory taken from the device after the second step; 0 if nothing leaks.</param>
/// <param name="LastLoss">Loss of the last step.</param>
internal sealed record TrainingRate(
    int BatchSize, int BlockSize, int Steps, double SecondsPerStep, double TokensPerSecond, double ShareOfProductRate,
    long PeakBytes, long ReservedBytes, long GrowthBytes, double LastLoss);

namespace BiPE.Cli.Profile;

/// <summary>What one operation took of a training step; means over the profiled steps.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Calls">How often it ran in a step.</param>
/// <param name="Seconds">Its time in a step.</param>
/// <param name="Share">That time as a share of the step's.</param>
/// <param name="Flops">Floating-point operations in a second; 0 where memory decides.</param>
/// <param name="ShareOfPeak">Those as a share of the measured peak.</param>
/// <param name="Bytes">Bytes in a second, each operand read once and each result written once.</param>
/// <param name="ShareOfBandwidth">Those as a share of what a copy reaches; more than 1 where operands lie in caches.</param>
internal sealed record OperationProfile(
    string Operation, double Calls, double Seconds, double Share, double Flops, double ShareOfPeak, double Bytes, double ShareOfBandwidth);

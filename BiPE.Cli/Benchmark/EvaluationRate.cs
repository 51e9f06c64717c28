namespace BiPE.Cli.Benchmark;

/// <summary>How fast a model evaluates blocks of a length.</summary>
/// <param name="BlockSize">Tokens of a block.</param>
/// <param name="Blocks">Blocks computed at once.</param>
/// <param name="Seconds">Mean time of such a batch.</param>
/// <param name="TokensPerSecond">Tokens scored in a second.</param>
/// <param name="ShareOfProductRate">Operations of the model a second, as a share of the device's measured rate.</param>
internal sealed record EvaluationRate(int BlockSize, int Blocks, double Seconds, double TokensPerSecond, double ShareOfProductRate);

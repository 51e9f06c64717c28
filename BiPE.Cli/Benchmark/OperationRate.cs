namespace BiPE.Cli.Benchmark;

/// <summary>How fast one operation is at the model's sizes.</summary>
/// <param name="Name">The operation.</param>
/// <param name="Microseconds">Mean time.</param>
/// <param name="Bytes">Bytes that must be read and written.</param>
/// <param name="ShareOfBandwidth">Those bytes a second, as a share of what a copy reaches.</param>
/// <param name="Flops">Floating-point operations of products; 0 where memory decides.</param>
/// <param name="ShareOfProductRate">Those operations a second, as a share of what a large product reaches.</param>
internal sealed record OperationRate(string Name, double Microseconds, double Bytes, double ShareOfBandwidth, double Flops, double ShareOfProductRate);

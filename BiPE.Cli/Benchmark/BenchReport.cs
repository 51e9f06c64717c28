namespace BiPE.Cli.Benchmark;

/// <summary>What <c>bipe bench</c> measured.</summary>
/// <param name="Backend">Name of the backend.</param>
/// <param name="Device">Its device in words.</param>
/// <param name="Model">Position encoding of the model.</param>
/// <param name="Parameters">Its number of parameters.</param>
/// <param name="Rates">What the device reaches at best.</param>
/// <param name="Training">Training.</param>
/// <param name="Evaluation">Evaluation at each block size.</param>
/// <param name="Operations">Operations one by one.</param>
internal sealed record BenchReport(
    string Backend, string Device, string Model, long Parameters, DeviceRates Rates, TrainingRate Training,
    IReadOnlyList<EvaluationRate> Evaluation, IReadOnlyList<OperationRate> Operations);

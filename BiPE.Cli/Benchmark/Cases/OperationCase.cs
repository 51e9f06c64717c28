namespace BiPE.Cli.Benchmark.Cases;

/// <summary>One operation at one size.</summary>
/// <param name="Name">The operation with its size, as it is shown.</param>
/// <param name="Limit">What it comes up against.</param>
/// <param name="Prepare">Allocates operands and gives what runs the operation on one of their sets, by the set's index.</param>
internal sealed record OperationCase(string Name, OperationLimit Limit, Func<OperandSets, Action<int>> Prepare);

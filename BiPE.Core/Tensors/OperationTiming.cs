namespace BiPE.Core.Tensors;

/// <summary>What a <see cref="TimingBackend"/> recorded of one operation.</summary>
/// <param name="Operation">Name of the operation; of products and attention, also which one.</param>
/// <param name="Calls">How often it ran.</param>
/// <param name="Seconds">Time of all calls together.</param>
/// <param name="Flops">Floating-point operations of products and attention, a multiplication and an addition counted as two; 0 for the rest, where memory decides.</param>
/// <param name="Bytes">The floor of the memory traffic: each operand read once, each result written once.</param>
public sealed record OperationTiming(string Operation, long Calls, double Seconds, double Flops, double Bytes);

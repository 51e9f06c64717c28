using BiPE.Core.Tensors;

namespace BiPE.Testing;

/// <summary>One result of an operation, read back.</summary>
/// <param name="Name">Which result.</param>
/// <param name="Values">Its elements, exactly.</param>
/// <param name="Type">Element type that it was computed in.</param>
/// <param name="Tolerance">How far it may lie from the oracle's.</param>
public sealed record Observation(string Name, double[] Values, ElementType Type, Tolerance Tolerance);

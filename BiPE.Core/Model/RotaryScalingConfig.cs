namespace BiPE.Core.Model;

/// <summary>The <c>rope_scaling</c> section of a configuration.</summary>
/// <param name="Type">Name of the method: <c>linear</c> or <c>dynamic</c>.</param>
/// <param name="Factor">How many times longer the context becomes, above 1.</param>
public sealed record RotaryScalingConfig(string Type, double Factor);

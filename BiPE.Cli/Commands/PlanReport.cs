using BiPE.Core.Model;

namespace BiPE.Cli.Commands;

/// <summary>What <c>bipe plan</c> tells.</summary>
/// <param name="Model">Position encoding of the model.</param>
/// <param name="ParameterCount">Its learned numbers.</param>
/// <param name="BatchSize">Blocks computed at once.</param>
/// <param name="BlockSize">Tokens of a block.</param>
/// <param name="ActivationType">What activations are stored in.</param>
/// <param name="Keeping">Bytes if every layer's activations are kept.</param>
/// <param name="RecomputingFeedForward">Bytes with <c>--recompute feed-forward</c>.</param>
/// <param name="Recomputing">Bytes with <c>--recompute layers</c>.</param>
internal sealed record PlanReport(
    string Model, long ParameterCount, int BatchSize, int BlockSize, string ActivationType, MemoryPlan Keeping, MemoryPlan RecomputingFeedForward, MemoryPlan Recomputing);

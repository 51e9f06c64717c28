using BiPE.Core.Autograd;
using BiPE.Core.Positions.Rotary;

namespace BiPE.Core.Positions.Attention;

/// <summary>What an encoding gives the attention kernel for one pass.</summary>
/// <param name="Rotary">Rotation of queries and keys, or null.</param>
/// <param name="Bias">Bias of the scores, or null.</param>
public sealed record AttentionTerms(RotaryTables? Rotary, AttentionBiasVariable? Bias);

using BiPE.Core.Evaluation;

namespace BiPE.Cli.Commands;

/// <summary>What <c>bipe eval</c> measured of a model.</summary>
/// <param name="Model">Its folder.</param>
/// <param name="PositionEncoding">Its position encoding.</param>
/// <param name="Parameters">Number of learned numbers.</param>
/// <param name="Documents">Documents of the data that was read.</param>
/// <param name="Tokens">Their tokens.</param>
/// <param name="Results">A result for each block size.</param>
internal sealed record ModelEvaluation(
    string Model, string PositionEncoding, long Parameters, long Documents, long Tokens, IReadOnlyList<PerplexityResult> Results);

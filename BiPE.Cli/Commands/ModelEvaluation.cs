using BiPE.Core.Evaluation.Results;

namespace BiPE.Cli.Commands;

/// <summary>What <c>bipe eval</c> measured of a model on a set.</summary>
/// <param name="Model">The model's folder.</param>
/// <param name="PositionEncoding">Its position encoding.</param>
/// <param name="Parameters">Number of learned numbers.</param>
/// <param name="Set">Name of the set.</param>
/// <param name="Documents">Documents of the set that was read.</param>
/// <param name="Tokens">Their tokens.</param>
/// <param name="Results">A result for each block size.</param>
internal sealed record ModelEvaluation(
    string Model, string PositionEncoding, long Parameters, string Set, long Documents, long Tokens, IReadOnlyList<BlockSizeResult> Results)
{
    /// <summary>Groups records by model and set, in their order.</summary>
    /// <param name="records">The records.</param>
    /// <param name="withPositions">Whether the results carry their losses by position.</param>
    public static IReadOnlyList<ModelEvaluation> Group(IReadOnlyList<EvaluationRecord> records, bool withPositions) =>
    [
        .. records.GroupBy(record => (Model: record.Model.Name, Set: record.Data.Name)).Select(group =>
        {
            EvaluationRecord first = group.First();
            return new ModelEvaluation(
                group.Key.Model, first.Model.PositionEncoding, first.Model.Parameters, group.Key.Set, first.Data.Documents, first.Data.Tokens,
                [.. group.Select(record => BlockSizeResult.Of(record, withPositions))]);
        }),
    ];
}

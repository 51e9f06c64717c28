namespace BiPE.Core.Data.Statistics;

/// <summary>Separators under a name.</summary>
/// <param name="Name">What to call them.</param>
/// <param name="Ids">Ids of the tokens that close a segment.</param>
public sealed record SeparatorSet(string Name, IReadOnlyList<int> Ids);

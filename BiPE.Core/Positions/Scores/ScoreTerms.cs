namespace BiPE.Core.Positions.Scores;

/// <summary>A score encoding at work on some tokens of a batch.</summary>
/// <param name="Encoding">The encoding.</param>
/// <param name="Positions">Ids of all tokens of the rows.</param>
/// <param name="FirstQuery">First token that is a query.</param>
/// <param name="QueryCount">Tokens a row that are queries.</param>
public sealed record ScoreTerms(IScoreEncoding Encoding, PositionStreams Positions, int FirstQuery, int QueryCount)
{
    /// <summary>What the encoding is told in a layer.</summary>
    /// <param name="layer">Number of the layer, from 0.</param>
    public ScoreContext InLayer(int layer) => new(Positions, layer, FirstQuery, QueryCount);
}

namespace BiPE.Core.Positions.Scores;

/// <summary>A score encoding and the tokens that it is at work on.</summary>
/// <param name="Encoding">The encoding.</param>
/// <param name="Positions">Ids of all tokens of the rows.</param>
/// <param name="FirstQuery">First token of a row that is a query; the keys are all tokens up to the last query.</param>
/// <param name="QueryCount">Tokens a row that are queries.</param>
public sealed record ScoreTerms(IScoreEncoding Encoding, PositionStreams Positions, int FirstQuery, int QueryCount)
{
    /// <summary>Tokens a row that are keys.</summary>
    public int KeyCount => FirstQuery + QueryCount;
}

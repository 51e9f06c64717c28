namespace BiPE.Core.Positions.Scores;

/// <summary>What a score encoding is told besides scores and queries.</summary>
/// <param name="Positions">Ids of all tokens of the rows.</param>
/// <param name="Layer">Number of the layer, from 0.</param>
/// <param name="FirstQuery">First token that is a query; the keys are all tokens up to the last query.</param>
/// <param name="QueryCount">Tokens a row that are queries.</param>
public sealed record ScoreContext(PositionStreams Positions, int Layer, int FirstQuery, int QueryCount)
{
    /// <summary>Tokens a row that are keys.</summary>
    public int KeyCount => FirstQuery + QueryCount;
}

namespace BiPE.Core.Positions;

/// <summary>The id streams that encodings read.</summary>
public enum PositionStream
{
    /// <summary>Index of the token in its block.</summary>
    Token,

    /// <summary>Number of the token's segment in its block: the inter-segment id.</summary>
    Segment,

    /// <summary>Index of the token inside its segment: the intra-segment id.</summary>
    Offset,
}

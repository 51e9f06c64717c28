namespace BiPE.Core.Data;

/// <summary>How a corpus is tokenized into a token shard. Neither number changes a token.</summary>
public sealed record TokenizeOptions
{
    /// <summary>The default of <see cref="PartBytes"/>: 1 GiB, half a milliard tokens of 16 bits.</summary>
    public const long DefaultPartBytes = 1L << 30;

    /// <summary>
    /// Threads that tokenize, beside one that reads and one that writes; at least 1. The files are the same whatever their number.
    /// </summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Size of a part's file of token ids in bytes, at least 1. A part ends with the document that fills it, so it is larger by
    /// less than that document; the last part may be smaller. Interrupted work goes on behind the last whole part.
    /// </summary>
    public long PartBytes { get; init; } = DefaultPartBytes;
}

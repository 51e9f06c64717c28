namespace BiPE.Core.Data;

/// <summary>A stream of token ids with random access.</summary>
public interface ITokenSource
{
    /// <summary>Number of tokens.</summary>
    long TokenCount { get; }

    /// <summary>Copies tokens <c>start .. start + destination.Length - 1</c>. Safe to call from several threads.</summary>
    /// <param name="start">Index of the first token.</param>
    /// <param name="destination">Receives the ids.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the stream.</exception>
    void Read(long start, Span<int> destination);
}

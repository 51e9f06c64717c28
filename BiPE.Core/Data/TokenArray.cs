namespace BiPE.Core.Data;

/// <summary>Tokens in memory.</summary>
public sealed class TokenArray : ITokenSource
{
    private readonly int[] _tokens;

    /// <summary>Wraps an array; later changes to it are seen.</summary>
    /// <param name="tokens">The ids.</param>
    public TokenArray(int[] tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        _tokens = tokens;
    }

    /// <inheritdoc/>
    public long TokenCount => _tokens.Length;

    /// <inheritdoc/>
    public void Read(long start, Span<int> destination)
    {
        TokenRange.ThrowIfOutside(start, destination.Length, TokenCount);
        _tokens.AsSpan((int)start, destination.Length).CopyTo(destination);
    }
}

using BiPE.Core.Data;
using BiPE.Core.Tokenization;

namespace BiPE.Core.Training;

/// <summary>The tokens a run learns from, and what tells them from others.</summary>
public sealed class TrainingData : IDisposable
{
    private readonly TokenShard? _owned;

    /// <summary>Names tokens.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="path">Where they are from.</param>
    /// <param name="hash">Hash of the tokens.</param>
    public TrainingData(ITokenSource tokens, string path, string hash)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        Tokens = tokens;
        Path = path;
        Hash = hash;
    }

    private TrainingData(TokenShard shard, string path)
        : this(shard, path, shard.Index.TokensHash) => _owned = shard;

    /// <summary>The tokens.</summary>
    public ITokenSource Tokens { get; }

    /// <summary>Where they are from, for a run that goes on.</summary>
    public string Path { get; }

    /// <summary>Hash of the tokens.</summary>
    public string Hash { get; }

    /// <summary>Number of tokens.</summary>
    public long TokenCount => Tokens.TokenCount;

    /// <summary>Opens a token shard.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="tokenizer">The tokenizer that must have made it, or null not to ask.</param>
    /// <exception cref="BipeException">There is no shard, it is broken, or another tokenizer made it.</exception>
    public static TrainingData Open(string folder, ITokenizer? tokenizer)
    {
        TokenShard shard = TokenShard.Open(folder);
        try
        {
            if (tokenizer is not null)
            {
                shard.RequireTokenizer(tokenizer);
            }

            return new TrainingData(shard, System.IO.Path.GetFullPath(folder));
        }
        catch
        {
            shard.Dispose();
            throw;
        }
    }

    /// <summary>Unmaps a shard that was opened here.</summary>
    public void Dispose() => _owned?.Dispose();
}

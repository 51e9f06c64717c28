using BiPE.Core;
using BiPE.Core.Data;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Inspection;

/// <summary>Token shards of one tokenizer.</summary>
internal sealed class OpenedShards : IDisposable
{
    private readonly List<(string Folder, TokenShard Shard)> _shards = [];

    /// <summary>Opens them.</summary>
    /// <param name="folders">Their folders, at least one.</param>
    /// <param name="tokenizer">The tokenizer that made them, if it is known.</param>
    /// <exception cref="BipeException">One cannot be opened, or was made by another tokenizer.</exception>
    public OpenedShards(IReadOnlyList<string> folders, ITokenizer? tokenizer)
    {
        try
        {
            foreach (string folder in folders)
            {
                _shards.Add((folder, TokenShard.Open(folder)));
            }

            // The tokenizer of bytes needs no files, so it is recognised.
            var bytes = new ByteTokenizer();
            Tokenizer = tokenizer ?? (_shards[0].Shard.Index.TokenizerFingerprint == bytes.Fingerprint ? bytes : null);
            RequireOneTokenizer();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The shards with their folders.</summary>
    public IReadOnlyList<(string Folder, TokenShard Shard)> Shards => _shards;

    /// <summary>The tokenizer that made them; null if it is not known.</summary>
    public ITokenizer? Tokenizer { get; }

    /// <summary>Tokens of all.</summary>
    public long TokenCount => _shards.Sum(entry => entry.Shard.TokenCount);

    /// <summary>Compares all files with their hashes.</summary>
    /// <param name="cancellation">Stops it.</param>
    public void Verify(CancellationToken cancellation) => _shards.ForEach(entry => entry.Shard.Verify(cancellation));

    /// <summary>What the shards are.</summary>
    /// <param name="first">How many first tokens to show of each.</param>
    public IReadOnlyList<ShardReport> Report(int first) => [.. _shards.Select(entry =>
    {
        var tokens = new int[(int)Math.Min(first, entry.Shard.TokenCount)];
        entry.Shard.Read(0, tokens);
        return new ShardReport(
            entry.Folder, entry.Shard.Index, tokens, Tokenizer is null ? null : [.. tokens.Select(Tokenizer.Piece)], Tokenizer?.Decode(tokens));
    })];

    public void Dispose() => _shards.ForEach(entry => entry.Shard.Dispose());

    private void RequireOneTokenizer()
    {
        foreach ((string folder, TokenShard shard) in _shards)
        {
            if (Tokenizer is not null)
            {
                shard.RequireTokenizer(Tokenizer);
            }
            else if (shard.Index.TokenizerFingerprint != _shards[0].Shard.Index.TokenizerFingerprint)
            {
                throw new BipeException($"The token shards '{_shards[0].Folder}' and '{folder}' were made by different tokenizers; inspect them one after the other.");
            }
        }
    }
}

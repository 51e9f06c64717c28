using System.IO.Hashing;
using System.Text;
using BiPE.Core.Data;
using BiPE.Core.Tokenization;

namespace BiPE.Core.Training;

/// <summary>The tokens a run learns from, of one corpus or a mixture of several, and what tells them from others.</summary>
public sealed class TrainingData : IDisposable
{
    /// <summary>Names the tokens of one corpus.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="path">Where they are from.</param>
    /// <param name="hash">Hash of the tokens.</param>
    public TrainingData(ITokenSource tokens, string path, string hash)
        : this([new TrainingSource(path, tokens, path, hash)], null)
    {
    }

    /// <summary>Takes corpora over.</summary>
    /// <param name="sources">The corpora, at least one; those that are disposable are disposed with this.</param>
    /// <param name="weights">How often blocks of each are read, in any unit; null for as often as it has blocks.</param>
    /// <exception cref="BipeException">There is not a positive weight for each.</exception>
    public TrainingData(IReadOnlyList<TrainingSource> sources, IReadOnlyList<decimal>? weights)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentOutOfRangeException.ThrowIfZero(sources.Count, nameof(sources));
        if (weights is not null && weights.Count != sources.Count)
        {
            throw new BipeException($"There are {weights.Count} weights for {sources.Count} corpora ({string.Join(", ", sources.Select(source => source.Name))}); give one for each, in this order.");
        }

        Sources = sources;
        Weights = weights;
        WholeWeights = weights is null ? null : BlockMixture.WholeWeights(weights);
    }

    /// <summary>The corpora.</summary>
    public IReadOnlyList<TrainingSource> Sources { get; }

    /// <summary>How often blocks of each are read, as given; null for as often as it has blocks.</summary>
    public IReadOnlyList<decimal>? Weights { get; }

    /// <summary>The weights as whole numbers, for <see cref="BlockMixture"/>.</summary>
    public IReadOnlyList<long>? WholeWeights { get; }

    /// <summary>Hash of the tokens; of several corpora, of their hashes, order and weights.</summary>
    public string Hash => Sources.Count == 1
        ? Sources[0].Hash
        : Convert.ToHexStringLower(XxHash3.Hash(Encoding.UTF8.GetBytes(string.Join(
            ';', Sources.Select((source, number) => FormattableString.Invariant($"{source.Hash}*{WholeWeights?[number]}"))))));

    /// <summary>Number of tokens.</summary>
    public long TokenCount => Sources.Sum(source => source.Tokens.TokenCount);

    /// <summary>What a checkpoint keeps of several corpora, or of one that has a name; else null.</summary>
    internal IReadOnlyList<TrainingSourceState>? SourceStates => Sources is [var only] && only.Name == only.Path
        ? null
        : [.. Sources.Select((source, number) => new TrainingSourceState(source.Name, source.Path, Weights?[number]))];

    /// <summary>Opens a token shard.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="tokenizer">The tokenizer that must have made it, or null not to ask.</param>
    /// <exception cref="BipeException">There is no shard, it is broken, or another tokenizer made it.</exception>
    public static TrainingData Open(string folder, ITokenizer? tokenizer) => Open([("", folder)], null, tokenizer);

    /// <summary>Opens token shards as a mixture.</summary>
    /// <param name="shards">Their names and folders, at least one.</param>
    /// <param name="weights">How often blocks of each are read, in any unit; null for as often as it has blocks.</param>
    /// <param name="tokenizer">The tokenizer that must have made them, or null not to ask.</param>
    /// <exception cref="BipeException">A shard is not there or broken, another tokenizer made it, or there is not a positive weight for each.</exception>
    public static TrainingData Open(IReadOnlyList<(string Name, string Folder)> shards, IReadOnlyList<decimal>? weights, ITokenizer? tokenizer)
    {
        ArgumentNullException.ThrowIfNull(shards);
        var opened = new List<TokenShard>();
        try
        {
            var sources = new List<TrainingSource>();
            foreach ((string name, string folder) in shards)
            {
                TokenShard shard = TokenShard.Open(folder);
                opened.Add(shard);
                if (tokenizer is not null)
                {
                    shard.RequireTokenizer(tokenizer);
                }

                string path = Path.GetFullPath(folder);
                sources.Add(new TrainingSource(name.Length > 0 ? name : path, shard, path, shard.Index.TokensHash));
            }

            return new TrainingData(sources, weights);
        }
        catch
        {
            opened.ForEach(shard => shard.Dispose());
            throw;
        }
    }

    /// <summary>Unmaps shards.</summary>
    public void Dispose()
    {
        foreach (TrainingSource source in Sources)
        {
            (source.Tokens as IDisposable)?.Dispose();
        }
    }
}

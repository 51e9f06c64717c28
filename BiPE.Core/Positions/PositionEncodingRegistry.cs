using BiPE.Core.Model;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Positions.Embeddings;
using BiPE.Core.Positions.Scores;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions;

/// <summary>Position encodings by name (<c>rpe_type</c> of a configuration); programs may add their own.</summary>
public static class PositionEncodingRegistry
{
    private static readonly Lock Gate = new();

    private static readonly List<AttentionEncodingKind> AttentionKinds = 
    [
        Rope.Kind, XPos.Kind, RandomizedPositions.Rope, Alibi.Kind, LearnedAlibi.Kind, RandomizedPositions.Alibi, T5Bias.Kind, KerpleLog.Kind, KerplePower.Kind,
        Fire.Kind, Sandwich.Kind, Cope.Kind, NoAttentionEncoding.Kind,
    ];

    private static readonly List<EmbeddingEncodingKind> EmbeddingKinds = [LearnedEmbedding.Kind, SinusoidalEmbedding.Kind, RotaryEmbedding.Kind, NoEmbeddingEncoding.Kind];

    private static readonly OrderedDictionary<string, Func<ITensorBackend, ModelConfig, PositionPlan>> Plans = new(StringComparer.Ordinal);

    /// <summary>Encodings of the attention, in the order they were added.</summary>
    public static IReadOnlyList<AttentionEncodingKind> Attention => Locked(() => AttentionKinds.ToArray());

    /// <summary>Encodings of the embedding, in the order they were added.</summary>
    public static IReadOnlyList<EmbeddingEncodingKind> Embeddings => Locked(() => EmbeddingKinds.ToArray());

    /// <summary>
    /// Names that are known: encodings over tokens, embeddings alone, and bilevel ones with a learned intra-segment level; the other
    /// intra-segment levels are named after a <c>+</c>.
    /// </summary>
    public static IReadOnlyList<string> Names => Locked(() => (string[])
    [
        .. AttentionKinds.Select(kind => kind.Name), .. EmbeddingKinds.Except([NoEmbeddingEncoding.Kind]).Select(kind => kind.Name),
        .. AttentionKinds.Select(kind => EncodingName.BilevelPrefix + kind.Name), .. Plans.Keys,
    ]);

    /// <summary>Adds an encoding of the attention, and with it its bilevel forms.</summary>
    /// <param name="kind">The encoding.</param>
    /// <exception cref="ArgumentException">The name is taken or not a plain one.</exception>
    public static void Add(AttentionEncodingKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        RequirePlain(kind.Name);
        RequireFree(kind.Name);
        Locked(() => AttentionKinds.Add(kind));
    }

    /// <summary>Adds an encoding of the embedding, alone and as an intra-segment level.</summary>
    /// <param name="kind">The encoding.</param>
    /// <exception cref="ArgumentException">The name is taken or not a plain one.</exception>
    public static void Add(EmbeddingEncodingKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        RequirePlain(kind.Name);
        RequireFree(kind.Name);
        Locked(() => EmbeddingKinds.Add(kind));
    }

    /// <summary>Adds a whole plan, for what two levels cannot express.</summary>
    /// <param name="name">Name for configurations.</param>
    /// <param name="factory">Makes the plan of a model.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public static void Add(string name, Func<ITensorBackend, ModelConfig, PositionPlan> factory)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(factory);
        RequireFree(name);
        Locked(() => Plans.Add(name, factory));
    }

    /// <summary>What a name means; null for a plan that was added whole.</summary>
    /// <param name="name">The name.</param>
    /// <param name="source">What to name in the message, for instance the file that was read.</param>
    /// <exception cref="BipeException">The name is not known.</exception>
    public static EncodingName? Parse(string name, string source)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Locked(() => Plans.ContainsKey(name)))
        {
            return null;
        }

        bool isBilevel = name.StartsWith(EncodingName.BilevelPrefix, StringComparison.Ordinal);
        string[] levels = (isBilevel ? name[EncodingName.BilevelPrefix.Length..] : name).Split(EncodingName.Joint, 2);
        AttentionEncodingKind? attention = Attention.FirstOrDefault(kind => kind.Name == levels[0]);
        EmbeddingEncodingKind? alone = Embeddings.FirstOrDefault(kind => kind.Name == levels[0] && kind != NoEmbeddingEncoding.Kind);
        if (!isBilevel && levels.Length == 2)
        {
            throw new BipeException(
                $"{source}: the position encoding (rpe_type) '{name}' joins two levels, which bilevel encodings have; did you mean {EncodingName.BilevelPrefix}{name}?");
        }

        if (attention is null && alone is not null)
        {
            return isBilevel
                ? throw new BipeException(
                    $"{source}: the position encoding (rpe_type) '{name}' has {alone.Name} between segments, which is for embeddings; did you mean {EncodingName.BilevelPrefix}{NoAttentionEncoding.Kind.Name}+{alone.Name}?")
                : new EncodingName(NoAttentionEncoding.Kind, alone, IsBilevel: false);
        }

        if (attention is null)
        {
            throw new BipeException($"{source}: the position encoding (rpe_type) '{name}' is unknown; {NearestName.Suggest(name, Names)}");
        }

        EmbeddingEncodingKind? intra = levels.Length == 2
            ? Embeddings.FirstOrDefault(kind => kind.Name == levels[1])
            : isBilevel ? LearnedEmbedding.Kind : NoEmbeddingEncoding.Kind;
        return intra is not null
            ? new EncodingName(attention, intra, isBilevel)
            : throw new BipeException(
                $"{source}: the position encoding (rpe_type) '{name}' has the unknown intra-segment level '{levels[1]}'; {NearestName.Suggest(levels[1], [.. Embeddings.Select(kind => kind.Name)])}");
    }

    /// <summary>Makes the plan that a configuration names.</summary>
    /// <param name="backend">Where tables and parameters live.</param>
    /// <param name="config">The configuration.</param>
    /// <exception cref="BipeException">The name is not known.</exception>
    public static PositionPlan Create(ITensorBackend backend, ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (Parse(config.PositionEncoding, "The model configuration") is not { } name)
        {
            return Locked(() => Plans[config.PositionEncoding])(backend, config);
        }

        ISegmenter segmenter = Segmenters.Create(config.Segmenter);
        var inter = new EncodingContext(backend, config, name.AttentionStream, name.Attention, config.AttentionOptions);
        var intra = new EncodingContext(backend, config, name.EmbeddingStream, name.Embedding, config.EmbeddingOptions);
        IAttentionEncoding? attention = name.Attention.Create(inter);
        if (config.LogScale && name.Attention is { IsRotary: false, CreateScores: null })
        {
            attention = new LogScaledEncoding(backend, name.AttentionStream, attention, new LogScale(config.TrainScale));
        }

        return new PositionPlan(segmenter, name.Embedding.Create(intra) is { } embedding ? [embedding] : [], attention)
        {
            Scores = name.Attention.CreateScores?.Invoke(inter),
            Transform = name.Attention.CreateTransform?.Invoke(inter),
        };
    }

    /// <summary>Bilevel names are made of plain ones.</summary>
    private static void RequirePlain(string name)
    {
        if (name.Length == 0 || name.Contains(EncodingName.Joint) || name.StartsWith(EncodingName.BilevelPrefix, StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"A position encoding cannot be named '{name}': bilevel names are made of '{EncodingName.BilevelPrefix}', a plain name, and '{EncodingName.Joint}'.", nameof(name));
        }
    }

    private static void RequireFree(string name)
    {
        if (Names.Contains(name) || Embeddings.Any(kind => kind.Name == name))
        {
            throw new ArgumentException($"A position encoding '{name}' exists already.", nameof(name));
        }
    }

    private static void Locked(Action action)
    {
        lock (Gate)
        {
            action();
        }
    }

    private static T Locked<T>(Func<T> function)
    {
        lock (Gate)
        {
            return function();
        }
    }
}

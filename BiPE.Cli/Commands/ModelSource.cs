using BiPE.Core;
using BiPE.Core.Checkpoints;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary>Where the model of a new run comes from.</summary>
/// <param name="ConfigFile">Configuration of a new model, or null.</param>
/// <param name="ModelFolder">Folder of a model to start from, or null.</param>
/// <param name="NamedTokenizer">The tokenizer that was named, if one was.</param>
/// <param name="GivenSegmenters">The segmenters that were given.</param>
/// <param name="Scaling">A rotary scaling in the place of the configuration's, or null.</param>
/// <param name="NamedEncoding">A position encoding in the place of the configuration's, or null.</param>
internal sealed record ModelSource(
    string? ConfigFile, string? ModelFolder, Func<ITokenizer?> NamedTokenizer, Func<ITokenizer, GivenSegmenters> GivenSegmenters,
    RotaryScalingOverride? Scaling, string? NamedEncoding)
{
    /// <summary>The tokenizer: the named one, else that of the model's folder.</summary>
    /// <exception cref="BipeException">There is none.</exception>
    public ITokenizer OpenTokenizer() => NamedTokenizer()
        ?? (ModelFolder is null ? null : ModelTokenizer.Find(ModelFolder))
        ?? throw new BipeException("The model needs a tokenizer; name one with --tokenizer (a tokenizer.model file, a model's folder, or bytes).");

    /// <summary>Makes the model: initialised, or loaded.</summary>
    /// <param name="backend">Where it will live.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="seed">Seed of the initialisation.</param>
    /// <exception cref="BipeException">Configuration, weights and tokenizer do not fit each other.</exception>
    public LanguageModel Create(ITensorBackend backend, ITokenizer tokenizer, ulong seed)
    {
        string source = ConfigFile ?? ModelFolder!;
        ModelConfig config = ModelConfigReader.Read(source);
        if (NamedEncoding is not null)
        {
            config = config with { PositionEncoding = NamedEncoding };
            config.Validate($"--encoding {NamedEncoding} with '{source}'");
        }

        config = Scaling?.ApplyTo(config, $"The model '{source}'") ?? config;
        if (tokenizer.VocabularySize > config.VocabularySize)
        {
            throw new BipeException($"'{source}' has {config.VocabularySize} token ids (vocab_size), but the tokenizer has {tokenizer.VocabularySize}; they do not belong together.");
        }

        // A configuration is often made for another tokenizer than the one that is named, whose ids the model will see.
        GivenSegmenters given = GivenSegmenters(tokenizer);
        config = SeparatorSets.Resolve(config, () => tokenizer);
        config = config with
        {
            BeginOfSentence = tokenizer.BeginOfSentence,
            EndOfSentence = tokenizer.EndOfSentence,
            Segmenter = given.General ?? Segmenter(config, tokenizer),
            NamedSegmenters = NamedSegmenters(config, given),
        };
        if (ModelFolder is not null)
        {
            return HuggingFaceFolder.Load(backend, ModelFolder, config);
        }

        var model = new LanguageModel(backend, config);
        Initialiser.Initialise(model, seed);
        return model;
    }

    /// <summary>
    /// The configuration's segmenter, else the reference's: for bytes the characters they stand for, for other
    /// tokenizers none, which means LLaMA's ids.
    /// </summary>
    private static SegmenterConfig? Segmenter(ModelConfig config, ITokenizer tokenizer)
    {
        if (config.Segmenter is { } configured)
        {
            return configured;
        }

        return tokenizer is ByteTokenizer ? new SegmenterConfig { Tokens = SeparatorSets.Resolve(SeparatorSets.Reference, tokenizer) } : null;
    }

    /// <summary>The configuration's segmenters of corpora and sets, with those given in their place or beside them; null for none.</summary>
    private static SortedDictionary<string, SegmenterConfig>? NamedSegmenters(ModelConfig config, GivenSegmenters given)
    {
        var named = new SortedDictionary<string, SegmenterConfig>(StringComparer.Ordinal);
        foreach ((string name, SegmenterConfig segmenter) in (config.NamedSegmenters ?? new Dictionary<string, SegmenterConfig>()).Concat(given.Named))
        {
            named[name] = segmenter;
        }

        return named.Count == 0 ? null : named;
    }
}

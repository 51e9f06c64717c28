using BiPE.Core.Autograd;
using BiPE.Core.Positions;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Positions.Embeddings;
using BiPE.Core.Positions.Scores;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;

namespace BiPE.Core.Model;

/// <summary>
/// LLaMA-style decoder with one- or two-level positions (He et al. 2024; the reference's <c>MyLlamaForCausalLM</c>): token
/// embedding plus intra-segment embedding, pre-norm layers of attention and gated MLP, final norm, language-model head.
/// </summary>
public sealed partial class LanguageModel : IDisposable
{
    /// <summary>Name of the token embedding.</summary>
    internal const string EmbeddingName = "model.embed_tokens.weight";

    /// <summary>Name of the language-model head.</summary>
    internal const string HeadName = "lm_head.weight";

    private readonly PositionPlan _positions;
    private readonly Parameter _embedding;
    private readonly DecoderLayer[] _layers;
    private readonly Parameter _finalNorm;
    private readonly Parameter _head;
    private bool _disposed;

    /// <summary>Makes a model whose parameters are undefined until they are initialised or loaded.</summary>
    /// <param name="backend">Where it lives and computes.</param>
    /// <param name="config">Architecture; checked here.</param>
    /// <param name="use">What it is for; one for evaluation has to be frozen (<see cref="Freeze"/>) when it has its parameters.</param>
    /// <exception cref="BipeException">The configuration is not valid.</exception>
    public LanguageModel(ITensorBackend backend, ModelConfig config, ModelUse use = ModelUse.Training)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(config);
        config.Validate("The model configuration");
        Backend = backend;
        Config = config;
        _positions = PositionEncodingRegistry.Create(backend, config);
        bool isFrozen = use == ModelUse.Evaluation;
        var table = new Shape(config.VocabularySize, config.HiddenSize);
        _embedding = new Parameter(backend, EmbeddingName, table, isFrozen)
        {
            Role = ParameterRole.Embedding,
            PaddingRow = config.PaddingRow(config.VocabularySize),
        };
        _layers = [.. Enumerable.Range(0, config.LayerCount).Select(index => new DecoderLayer(backend, config, index, isFrozen))];
        _finalNorm = DecoderLayer.Norm(backend, config, "model.norm.weight");
        _head = config.TieWordEmbeddings ? _embedding : new Parameter(backend, HeadName, table, isFrozen);
        Parameters =
        [
            _embedding, .. _layers.SelectMany(layer => layer.Parameters), _finalNorm, .. _positions.Parameters,
            .. config.TieWordEmbeddings ? Array.Empty<Parameter>() : [_head],
        ];
    }

    /// <summary>Where the model lives and computes.</summary>
    public ITensorBackend Backend { get; }

    /// <summary>Architecture.</summary>
    public ModelConfig Config { get; }

    /// <summary>All learned parameters, each once, in the order of the reference.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Number of learned numbers.</summary>
    public long ParameterCount => Parameters.Sum(parameter => parameter.Value.Count);

    /// <summary>Whether it only evaluates, see <see cref="Freeze"/>.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>What training computes again in the backward pass.</summary>
    public Recompute Recompute { get; set; }

    /// <summary>
    /// Ends the parameters' changes: from now on the model only evaluates, and the backend stores its projections as products read them.
    /// </summary>
    public void Freeze()
    {
        foreach (Parameter parameter in Parameters)
        {
            parameter.IsFrozen = true;
        }

        IsFrozen = true;

        // A tied head is read as the embedding's rows too.
        IEnumerable<Parameter> factors = _layers.SelectMany(layer => layer.Parameters).Where(parameter => parameter.Role == ParameterRole.Linear);
        foreach (Parameter factor in Config.TieWordEmbeddings ? factors : factors.Append(_head))
        {
            Backend.FreezeFactor(factor.Value);
        }
    }

    /// <summary>Ids of every token of a batch.</summary>
    /// <param name="tokens">Token ids.</param>
    public PositionStreams PositionsOf(TokenBatch tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ISegmenter own = _positions.Segmenter;
        return tokens.Segmenters is { } rows
            ? new PositionStreams(tokens.Tokens, tokens.Batch, tokens.Time, [.. rows.Select(row => row ?? own)], tokens.Documents)
            : new PositionStreams(tokens.Tokens, tokens.Batch, tokens.Time, own, tokens.Documents);
    }

    /// <summary>Ids of a batch of training, which randomized positions change; null where they are those of <see cref="PositionsOf"/>.</summary>
    /// <param name="tokens">Token ids.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="firstBlock">Number in the run of the batch's first block.</param>
    /// <exception cref="BipeException">The blocks have more positions than the encoding knows.</exception>
    public PositionStreams? TrainingPositionsOf(TokenBatch tokens, ulong seed, long firstBlock) =>
        _positions.Transform?.Apply(PositionsOf(tokens), seed, firstBlock);

    /// <summary>Runs the decoder up to the final norm.</summary>
    /// <param name="tape">Runs the operations; whether it records decides whether gradients can follow.</param>
    /// <param name="tokens">Token ids, each below the vocabulary size.</param>
    /// <param name="positions">Their ids, where training changes them; null for those of <see cref="PositionsOf"/>.</param>
    /// <returns>Normed hidden states <c>[batch * time, hidden]</c>.</returns>
    /// <exception cref="ArgumentException">A token id is outside the vocabulary.</exception>
    public Variable Forward(Tape tape, TokenBatch tokens, PositionStreams? positions = null)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ArgumentNullException.ThrowIfNull(tokens);
        RequireVocabulary(tokens);
        positions ??= PositionsOf(tokens);
        AttentionShape shape = ShapeOf(tokens.Batch, tokens.Time);
        AttentionTerms terms = TermsOf(tape, positions, shape) with { Documents = tokens.UploadDocuments(tape) };
        Variable hidden = Embed(tape, tokens, positions);
        foreach (DecoderLayer layer in _layers)
        {
            Variable input = hidden;
            hidden = Recompute == Recompute.Layers
                ? tape.Checkpoint((inner, x) => layer.Forward(inner, x, shape, terms), input)
                : tape.Block((inner, x) => layer.Forward(inner, x, shape, terms, Recompute == Recompute.FeedForward), input);
            tape.Discard(input);
        }

        Variable normed = tape.RmsNorm(hidden, _finalNorm, Config.RmsNormEpsilon);
        tape.Discard(hidden);
        return normed;
    }

    /// <summary>Cross entropy of predicting each next token; the logits of the whole batch never stand at once.</summary>
    /// <param name="tape">Runs the operations; if it records, <see cref="Tape.Backward()"/> gives gradients of gradientScale * sum of losses.</param>
    /// <param name="tokens">Token ids and labels.</param>
    /// <param name="gradientScale">Factor of the gradients, 1 / number of scored tokens of the whole step for a mean.</param>
    /// <param name="positions">Ids of the tokens, where training changes them; null for those of <see cref="PositionsOf"/>.</param>
    /// <returns>Losses <c>[batch * time]</c> in nats, 0 where nothing is scored; they live as long as the tape.</returns>
    public Tensor Losses(Tape tape, TokenBatch tokens, double gradientScale = 1, PositionStreams? positions = null)
    {
        Variable hidden = Forward(tape, tokens, positions);
        Tensor losses = tape.LinearCrossEntropy(
            hidden, _head, tokens.UploadLabels(tape), TokenBatch.IgnoredLabel, gradientScale, LogitBytes(tokens.Batch * tokens.Time));
        tape.Discard(hidden);
        return losses;
    }

    /// <summary>Logits of some hidden states.</summary>
    /// <param name="tape">Allocates and runs.</param>
    /// <param name="hidden">Normed hidden states <c>[N, hidden]</c>.</param>
    /// <returns><c>[N, vocabulary]</c>.</returns>
    public Variable Logits(Tape tape, Variable hidden)
    {
        ArgumentNullException.ThrowIfNull(tape);
        return tape.MatMul(hidden, _head);
    }

    /// <summary>Gives all memory of the model back.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _positions.Dispose();
        foreach (Parameter parameter in Parameters)
        {
            parameter.Release();
        }
    }

    /// <summary>
    /// Memory of a chunk of logits: that of the gates of as many rows, which is free by then. A head that is not frozen, or tied, is packed anew for
    /// each chunk, which should not be smaller than usual.
    /// </summary>
    private long LogitBytes(int rows)
    {
        const long Least = Tape.DefaultChunkBytes / 4;
        return IsFrozen && !Config.TieWordEmbeddings
            ? Math.Clamp(2L * rows * Config.IntermediateSize * Backend.Info.ActivationType.ByteSize(), Least, Tape.DefaultChunkBytes)
            : Tape.DefaultChunkBytes;
    }

    private AttentionShape ShapeOf(int batch, int time) =>
        new(batch, time, Config.HeadCount, Config.KeyValueHeadCount, Config.HeadDimension);

    private AttentionTerms TermsOf(Tape tape, PositionStreams positions, AttentionShape shape)
    {
        AttentionTerms terms = _positions.Attention?.Build(tape, positions, shape) ?? new AttentionTerms(null, null);
        return _positions.Scores is { } scores ? terms with { Scores = new ScoreTerms(scores, positions, 0, shape.Time) } : terms;
    }

    private Variable Embed(Tape tape, TokenBatch tokens, PositionStreams positions)
    {
        Variable hidden = tape.GatherRows(_embedding, tokens.UploadTokens(tape), _embedding.PaddingRow);
        foreach (IEmbeddingEncoding encoding in _positions.Embeddings)
        {
            hidden = encoding.Apply(tape, hidden, positions);
        }

        return hidden;
    }

    private void RequireVocabulary(TokenBatch tokens)
    {
        foreach (int token in tokens.Tokens)
        {
            if ((uint)token >= (uint)Config.VocabularySize)
            {
                throw new ArgumentException($"Token id {token} is outside the model's vocabulary of {Config.VocabularySize}.", nameof(tokens));
            }
        }
    }
}

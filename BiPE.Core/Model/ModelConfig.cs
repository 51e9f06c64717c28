using BiPE.Core.Positions;

namespace BiPE.Core.Model;

/// <summary>
/// Architecture of a LLaMA-style decoder with one- or two-level positions; the content of a Hugging Face <c>config.json</c>
/// in the reference's form. Checked by <see cref="Validate"/>.
/// </summary>
public sealed record ModelConfig
{
    /// <summary>Number of token ids (<c>vocab_size</c>).</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the residual stream (<c>hidden_size</c>).</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the gated layer between the MLP's products (<c>intermediate_size</c>).</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of decoder layers (<c>num_hidden_layers</c>).</summary>
    public required int LayerCount { get; init; }

    /// <summary>Number of query heads (<c>num_attention_heads</c>).</summary>
    public required int HeadCount { get; init; }

    /// <summary>Number of key/value heads, a divisor of <see cref="HeadCount"/> (<c>num_key_value_heads</c>).</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Largest number of positions the model states (<c>max_position_embeddings</c>); dynamic scaling starts beyond it.</summary>
    public int MaximumPositions { get; init; } = 2048;

    /// <summary>Added to the mean square inside RMSNorm (<c>rms_norm_eps</c>).</summary>
    public double RmsNormEpsilon { get; init; } = 1e-6;

    /// <summary>Standard deviation of initial weights (<c>initializer_range</c>).</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Whether the language-model head is the token embedding (<c>tie_word_embeddings</c>).</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>Whether the query, key, value and output projections of attention have biases (<c>attention_bias</c>).</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Whether the projections of the MLP have biases (<c>mlp_bias</c>).</summary>
    public bool MlpBias { get; init; }

    /// <summary>
    /// Padding token (<c>pad_token_id</c>); its embedding row gets no gradient and its label is ignored by the loss. As in the
    /// reference, a negative value counts from the end of a table: -1 is the last row of the token embedding and of the
    /// intra-segment table. Null: no padding row.
    /// </summary>
    public int? PadTokenId { get; init; }

    /// <summary>Begin-of-sentence token (<c>bos_token_id</c>).</summary>
    public int? BeginOfSentence { get; init; } = 1;

    /// <summary>End-of-sentence token (<c>eos_token_id</c>).</summary>
    public int? EndOfSentence { get; init; } = 2;

    /// <summary>Name of the position encoding (<c>rpe_type</c>); see <see cref="PositionEncodingRegistry"/>.</summary>
    public string PositionEncoding { get; init; } = "rope";

    /// <summary>Whether queries are multiplied by log(position + 1) / log(<see cref="TrainScale"/>) (<c>log_scale</c>).</summary>
    public bool LogScale { get; init; }

    /// <summary>Training length in tokens, and the number of rows of the intra-segment table (<c>train_scale</c>).</summary>
    public int TrainScale { get; init; } = 1024;

    /// <summary>Base of the rotary frequencies (<c>rope_theta</c>).</summary>
    public double RotaryBase { get; init; } = 10000;

    /// <summary>Scaling of the rotary frequencies (<c>rope_scaling</c>); null for none.</summary>
    public RotaryScalingConfig? RotaryScaling { get; init; }

    /// <summary>
    /// Share of a head that rotary encodings rotate, its first elements (<c>partial_rotary_factor</c>); the rest is left as it is.
    /// </summary>
    public double PartialRotaryFactor { get; init; } = 1;

    /// <summary>Options of the attention's encoding (<c>position.attention</c>); null for their defaults.</summary>
    public IReadOnlyDictionary<string, double>? AttentionOptions { get; init; }

    /// <summary>Options of the embedding's encoding (<c>position.embedding</c>); null for their defaults.</summary>
    public IReadOnlyDictionary<string, double>? EmbeddingOptions { get; init; }

    /// <summary>How tokens are split into segments (<c>position.segmenter</c>); null for the reference's separators.</summary>
    public SegmenterConfig? Segmenter { get; init; }

    /// <summary>
    /// How the tokens of some corpora and sets of text are split instead, by their names (<c>position.segmenters</c>); null for none.
    /// </summary>
    public IReadOnlyDictionary<string, SegmenterConfig>? NamedSegmenters { get; init; }

    /// <summary>Size of one head.</summary>
    public int HeadDimension => HiddenSize / HeadCount;

    /// <summary>Elements of a head that rotary encodings rotate.</summary>
    public int RotaryDimension => (int)(HeadDimension * PartialRotaryFactor);

    /// <summary>
    /// Whether the position encoding rotates queries and keys, so that a rotary scaling means something; a plan that a program added whole may.
    /// </summary>
    /// <exception cref="BipeException">There is no such encoding.</exception>
    public bool HasRotaryEncoding => PositionEncodingRegistry.Parse(PositionEncoding, "The model configuration")?.Attention.IsRotary ?? true;

    /// <summary>Whether attention counts segments and embeddings the tokens in them, instead of tokens alone.</summary>
    public bool IsBilevel => PositionEncoding.StartsWith(EncodingName.BilevelPrefix, StringComparison.Ordinal);

    /// <summary>Whether the position encoding reads attention's scores, which then take memory that grows with the square of the length.</summary>
    public bool ReadsScores => PositionEncodingRegistry.Parse(PositionEncoding, "The model configuration")?.Attention.CreateScores is not null;

    /// <summary>Row of a table that is padding (<see cref="PadTokenId"/>), or -1 for none.</summary>
    /// <param name="rows">Rows of the table.</param>
    public int PaddingRow(int rows)
    {
        int row = PadTokenId is { } pad ? (pad < 0 ? rows + pad : pad) : -1;
        return row < rows ? Math.Max(row, -1) : -1;
    }

    /// <summary>Checks every value and their relations.</summary>
    /// <param name="source">What to name in the message, for instance the file that was read.</param>
    /// <exception cref="BipeException">A value is out of range or does not fit another.</exception>
    public void Validate(string source)
    {
        Positive("vocab_size", VocabularySize);
        Positive("hidden_size", HiddenSize);
        Positive("intermediate_size", IntermediateSize);
        Positive("num_hidden_layers", LayerCount);
        Positive("num_attention_heads", HeadCount);
        Positive("num_key_value_heads", KeyValueHeadCount);
        Positive("max_position_embeddings", MaximumPositions);
        Positive("train_scale", TrainScale);
        if (HiddenSize % HeadCount != 0)
        {
            throw new BipeException($"{source}: num_attention_heads {HeadCount} does not divide hidden_size {HiddenSize}; choose a divisor.");
        }

        if (HeadCount % KeyValueHeadCount != 0)
        {
            throw new BipeException($"{source}: num_key_value_heads {KeyValueHeadCount} does not divide num_attention_heads {HeadCount}; choose a divisor.");
        }

        EncodingName? encoding = PositionEncodingRegistry.Parse(PositionEncoding, source);
        bool isRotary = encoding?.Attention.IsRotary ?? false;
        if (HeadDimension % 2 != 0 && isRotary)
        {
            throw new BipeException($"{source}: head size {HeadDimension} (hidden_size / num_attention_heads) is odd, but rotary encodings pair its halves; choose an even one.");
        }

        ValidatePartialRotary(source, isRotary);
        encoding?.Attention.Validate(AttentionOptions, source, "position.attention");
        encoding?.Embedding.Validate(EmbeddingOptions, source, "position.embedding");
        Segmenter?.Validate(source, "position.segmenter", VocabularySize);
        foreach ((string name, SegmenterConfig segmenter) in NamedSegmenters ?? new Dictionary<string, SegmenterConfig>())
        {
            segmenter.Validate(source, $"position.segmenters.{name}", VocabularySize);
        }

        if (HeadDimension % 2 != 0 && LogScale)
        {
            throw new BipeException($"{source}: log_scale needs an even head size, found {HeadDimension} (hidden_size / num_attention_heads).");
        }

        if (!(RmsNormEpsilon > 0 && double.IsFinite(RmsNormEpsilon)))
        {
            throw new BipeException($"{source}: rms_norm_eps is {RmsNormEpsilon}, expected a positive number.");
        }

        if (!(InitializerRange >= 0 && double.IsFinite(InitializerRange)))
        {
            throw new BipeException($"{source}: initializer_range is {InitializerRange}, expected a number that is not negative.");
        }

        if (!(RotaryBase > 1 && double.IsFinite(RotaryBase)))
        {
            throw new BipeException($"{source}: rope_theta is {RotaryBase}, expected a number above 1.");
        }

        RotaryScaling?.Validate($"{source}, rope_scaling");
        if (PadTokenId is { } pad && (pad >= VocabularySize || pad < -VocabularySize))
        {
            throw new BipeException($"{source}: pad_token_id is {pad}, expected an id below vocab_size {VocabularySize}, or a negative number that counts from the end.");
        }

        if (LogScale && TrainScale < 2)
        {
            throw new BipeException($"{source}: log_scale divides by log(train_scale), so train_scale must be at least 2, found {TrainScale}.");
        }

        void Positive(string name, int value)
        {
            if (value <= 0)
            {
                throw new BipeException($"{source}: {name} is {value}, expected a positive integer.");
            }
        }
    }

    private void ValidatePartialRotary(string source, bool isRotary)
    {
        if (PartialRotaryFactor == 1)
        {
            return;
        }

        if (!(PartialRotaryFactor > 0 && PartialRotaryFactor < 1) || RotaryDimension % 2 != 0 || RotaryDimension == 0)
        {
            throw new BipeException(
                $"{source}: partial_rotary_factor is {PartialRotaryFactor}, expected a number above 0 and at most 1 that leaves an even part of the head size {HeadDimension}.");
        }

        if (!isRotary || LogScale)
        {
            throw new BipeException(
                $"{source}: partial_rotary_factor is {PartialRotaryFactor}, but {(LogScale ? "log_scale changes whole queries" : $"rpe_type {PositionEncoding} rotates nothing")}; remove one.");
        }
    }
}

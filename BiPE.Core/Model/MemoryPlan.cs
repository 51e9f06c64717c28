using BiPE.Core.Autograd;
using BiPE.Core.Positions;
using BiPE.Core.Tensors;

namespace BiPE.Core.Model;

/// <summary>Bytes that a training step takes, known from the configuration before anything is allocated.</summary>
/// <param name="Parameters">Weights, with the narrower copies that products read.</param>
/// <param name="Gradients">Gradients of the weights. Those of a step of one batch appear one by one in the backward pass, which is done
/// with activations meanwhile.</param>
/// <param name="EarlyGradients">Those of them that are there while all activations are: the head's, and all in a step of several batches.</param>
/// <param name="Moments">AdamW's two moments.</param>
/// <param name="Activations">What the forward pass keeps for the backward pass.</param>
/// <param name="Working">One chunk of logits with the gradient that enters the last layer, or what is computed inside one layer on the
/// way back: whichever is larger, they are never there at once.</param>
public sealed record MemoryPlan(long Parameters, long Gradients, long EarlyGradients, long Moments, long Activations, long Working)
{
    private const long StatisticsBytes = 4;

    /// <summary>All of it: what is needed where memory serves only tensors of about the same size again (<see cref="BackendInfo.JoinsMemory"/>).</summary>
    public long All => Parameters + Moments + Working + Activations + Gradients;

    /// <summary>The most at once: at the beginning of the backward pass or at its end.</summary>
    public long Total => Parameters + Moments + Working + Math.Max(Activations + EarlyGradients, Gradients);

    /// <summary>The plan of a training.</summary>
    /// <param name="config">Architecture.</param>
    /// <param name="batchSize">Blocks run at once.</param>
    /// <param name="recompute">What is computed again in the backward pass.</param>
    /// <param name="activationType">What activations are stored in.</param>
    /// <param name="blockLength">Tokens of a block; null for the model's <see cref="ModelConfig.TrainScale"/>.</param>
    /// <param name="batches">Batches of a step, one after the other.</param>
    public static MemoryPlan ForTraining(
        ModelConfig config, int batchSize, Recompute recompute, ElementType activationType = ElementType.Float32, int? blockLength = null,
        int batches = 1)
    {
        ArgumentNullException.ThrowIfNull(config);
        long elementBytes = activationType.ByteSize();
        long copyBytes = elementBytes < StatisticsBytes ? elementBytes : 0;
        int length = blockLength ?? config.TrainScale;
        long tokens = (long)batchSize * length;
        long hidden = config.HiddenSize;
        long queries = hidden;
        long packed = hidden + (2L * config.KeyValueHeadCount * config.HeadDimension);
        long intermediate = config.IntermediateSize;

        // Two sums, statistics of two norms, packed projections, attention and its statistics, gates; norms and gated values are computed again.
        long gates = 2 * intermediate;
        long layer = (2 * hidden) + 2 + packed + queries + config.HeadCount + (recompute == Recompute.FeedForward ? 0 : gates);
        layer += config.ReadsScores ? ComposedAttention.KeptPerToken(config, length) * StatisticsBytes / elementBytes : 0;
        long kept = hidden + 5 + (config.LayerCount * (recompute == Recompute.Layers ? hidden : layer));
        long again = recompute switch
        {
            Recompute.Layers => layer,
            Recompute.FeedForward => gates + hidden,
            _ => 0,
        };
        long inLayer = again + hidden + intermediate;
        inLayer += config.ReadsScores ? (long)config.HeadCount * length * StatisticsBytes / elementBytes : 0;

        long head = (long)config.VocabularySize * hidden;
        long biases = (config.AttentionBias ? packed + hidden : 0) + (config.MlpBias ? (2 * intermediate) + hidden : 0);
        long positions = ParameterLayout.Of(config)
            .Where(layout => layout.Group is ParameterGroup.PositionEncoding or ParameterGroup.IntraSegmentEmbedding).Sum(layout => layout.Count);
        long weights = (config.LayerCount * ((hidden * (queries + packed)) + (3 * hidden * intermediate) + (2 * hidden) + biases)) + hidden
            + (config.TieWordEmbeddings ? head : 2 * head)
            + positions;
        long logits = Math.Min(Math.Max(Tape.DefaultChunkBytes / elementBytes, config.VocabularySize), tokens * config.VocabularySize);
        long working = Math.Max(logits + (tokens * ((2 * hidden) + 1)), tokens * inLayer);
        return new MemoryPlan(
            weights * (StatisticsBytes + copyBytes), weights * StatisticsBytes, (batches > 1 ? weights : head) * StatisticsBytes,
            2 * weights * StatisticsBytes,
            (tokens * kept * elementBytes) + (PairNumbers(config, length) * StatisticsBytes),
            working * elementBytes);
    }

    /// <summary>Numbers kept for pairs of positions. How many segments a row has is not known, but they are few.</summary>
    private static long PairNumbers(ModelConfig config, long length) =>
        PositionEncodingRegistry.Parse(config.PositionEncoding, "The model configuration") is { IsBilevel: false, Attention.NumbersPerPair: { } perPair }
            ? perPair(config) * length * length
            : 0;
}

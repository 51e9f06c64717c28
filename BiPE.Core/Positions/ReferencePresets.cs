using BiPE.Core.Model;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Positions.Embeddings;
using BiPE.Core.Positions.Rotary;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions;

/// <summary>The reference's four variants, and CoPE beside them, from its configuration's fields.</summary>
internal static class ReferencePresets
{
    public static PositionPlan Rope(ITensorBackend backend, ModelConfig config) =>
        new(Segmenter(config), [], RopeOver(backend, config, PositionStream.Token));

    public static PositionPlan Alibi(ITensorBackend backend, ModelConfig config) =>
        new(Segmenter(config), [], AlibiOver(backend, config, PositionStream.Token, 1));

    public static PositionPlan BilevelRope(ITensorBackend backend, ModelConfig config) =>
        new(Segmenter(config), [IntraSegment(backend, config)], RopeOver(backend, config, PositionStream.Segment));

    public static PositionPlan BilevelAlibi(ITensorBackend backend, ModelConfig config) =>
        new(Segmenter(config), [IntraSegment(backend, config)], AlibiOver(backend, config, PositionStream.Segment, AlibiSlopes.BilevelFactor));

    public static PositionPlan Cope(ITensorBackend backend, ModelConfig config) =>
        new(Segmenter(config), [], Attention: null) { Scores = CopeOver(backend, config, PositionStream.Token) };

    public static PositionPlan BilevelCope(ITensorBackend backend, ModelConfig config) =>
        new(Segmenter(config), [IntraSegment(backend, config)], Attention: null) { Scores = CopeOver(backend, config, PositionStream.Segment) };

    private static Scores.Cope CopeOver(ITensorBackend backend, ModelConfig config, PositionStream over) => config.LogScale
        ? throw new BipeException($"log_scale is set, but {config.PositionEncoding} counts in the queries' own scale; remove log_scale.")
        : new Scores.Cope(backend, over, config.LayerCount, config.HeadDimension);

    private static LearnedEmbedding IntraSegment(ITensorBackend backend, ModelConfig config) =>
        new(backend, LearnedEmbedding.IntraSegmentName, PositionStream.Offset, config.TrainScale, config.HiddenSize, config.PaddingRow(config.TrainScale));

    private static Rope RopeOver(ITensorBackend backend, ModelConfig config, PositionStream over) =>
        new(backend, over, new RotaryShape(config.HeadDimension, config.RotaryBase, config.MaximumPositions),
            RotaryScalings.Create(config.RotaryScaling, config.MaximumPositions), LogScaleOf(config));

    private static Alibi AlibiOver(ITensorBackend backend, ModelConfig config, PositionStream over, double factor)
    {
        double[] slopes = AlibiSlopes.Compute(config.HeadCount);
        for (int i = 0; i < slopes.Length; i++)
        {
            slopes[i] *= factor;
        }

        return new Alibi(backend, over, slopes, LogScaleOf(config));
    }

    private static LogScale? LogScaleOf(ModelConfig config) => config.LogScale ? new LogScale(config.TrainScale) : null;

    private static SeparatorSegmenter Segmenter(ModelConfig config)
    {
        SegmenterConfig? segmenter = config.Segmenter;
        if (segmenter is { Tokens: null })
        {
            throw new BipeException(
                "position.segmenter names its separators by text or set; they must be resolved to token ids with the model's tokenizer first.");
        }

        return new SeparatorSegmenter(segmenter?.Tokens ?? SeparatorSegmenter.ReferenceSeparators);
    }
}

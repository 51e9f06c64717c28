namespace BiPE.Core.Model;

/// <summary>Floating-point operations of matrix products and attention, a multiplication and an addition counted as two.</summary>
public static class FlopCount
{
    /// <summary>Operations of predicting one token in a block of a length, with causal attention over the tokens before it.</summary>
    /// <param name="config">Architecture.</param>
    /// <param name="blockLength">Tokens of the block.</param>
    public static double ForwardPerToken(ModelConfig config, int blockLength)
    {
        ArgumentNullException.ThrowIfNull(config);
        double hidden = config.HiddenSize;
        double packed = hidden + (2.0 * config.KeyValueHeadCount * config.HeadDimension);
        double layer = (hidden * packed) + (hidden * hidden) + (3 * hidden * config.IntermediateSize) + (hidden * (blockLength + 1));
        return 2 * ((config.LayerCount * layer) + (hidden * config.VocabularySize));
    }

    /// <summary>Operations of training on one token: the backward pass takes two products for each of the forward pass.</summary>
    /// <param name="config">Architecture.</param>
    /// <param name="blockLength">Tokens of a block.</param>
    public static double TrainingPerToken(ModelConfig config, int blockLength) => 3 * ForwardPerToken(config, blockLength);
}

using BiPE.Core.Tensors;

namespace BiPE.Backend.Tests.Operations;

/// <summary>Draws attention cases for property tests.</summary>
internal static class AttentionCases
{
    /// <summary>A case with every choice open.</summary>
    /// <param name="random">Generator.</param>
    /// <param name="mayBeCached">Whether keys may lie apart from queries.</param>
    public static AttentionCase Random(Random random, bool mayBeCached)
    {
        int shared = 1 + random.Next(3);
        bool isCached = mayBeCached && random.Next(2) == 0;
        return new AttentionCase(1 + random.Next(90), 1 + random.Next(40))
        {
            Batch = 1 + random.Next(3),
            KeyValueHeads = shared,
            Heads = shared * (1 + random.Next(3)),
            IsCached = isCached,
            EarlierKeys = isCached ? random.Next(90) : 0,
            Bias = random.Next(4) is var kind and < 3 ? (AttentionBiasKind)kind : null,
            HasDocuments = random.Next(2) == 0,
            SegmentRate = random.NextDouble(),
            BiasScale = 2 * random.NextDouble(),
        };
    }
}

namespace BiPE.Core.Positions;

/// <summary>Changes ids in training; evaluation has the plain ones.</summary>
public interface IPositionTransform
{
    /// <summary>Ids that training takes. They depend on the arguments alone, so that a resumed run repeats them.</summary>
    /// <param name="plain">Ids as the segmenter gave them.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="firstBlock">Number in the run of the batch's first block.</param>
    /// <exception cref="BipeException">The block has more positions than the encoding knows.</exception>
    PositionStreams Apply(PositionStreams plain, ulong seed, long firstBlock);
}

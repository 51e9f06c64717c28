namespace BiPE.Core.Evaluation.Results;

/// <summary>A confidence interval of a mean loss, or of a difference of two, by bootstrap over documents.</summary>
/// <param name="Low">Lower end in nats.</param>
/// <param name="High">Upper end in nats.</param>
/// <param name="Level">Its level, 0.95.</param>
/// <param name="Documents">Documents that were resampled.</param>
/// <param name="Resamples">Times they were.</param>
public sealed record LossInterval(double Low, double High, double Level, int Documents, int Resamples)
{
    /// <summary>Fewest documents of an interval to rely on.</summary>
    public const int FewestReliable = 8;

    /// <summary>Whether there were documents enough; intervals of fewer are too narrow.</summary>
    public bool IsReliable => Documents >= FewestReliable;
}

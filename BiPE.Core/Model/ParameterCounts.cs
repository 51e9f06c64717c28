namespace BiPE.Core.Model;

/// <summary>How many learned numbers a model has, by what they are for.</summary>
/// <param name="Groups">Numbers by group; groups without any are left out.</param>
/// <param name="Total">All of them; a tied embedding counts once.</param>
/// <param name="WithoutEmbeddingAndHead">All but the token embedding and the head, which grow with the vocabulary alone.</param>
public sealed record ParameterCounts(IReadOnlyDictionary<ParameterGroup, long> Groups, long Total, long WithoutEmbeddingAndHead)
{
    private const double BinaryUnit = 1L << 30;

    /// <summary>
    /// The total in units of 2^30. The name of the released 151M models agrees with this number (0.1513 with RoPE, 0.1520 with the
    /// intra-segment table); in units of 10^9 they have 0.162, and no sum of their groups is 0.151.
    /// </summary>
    public double TotalInBinaryUnits => Total / BinaryUnit;

    /// <summary>Counts from a configuration, without making the model.</summary>
    /// <param name="config">The configuration.</param>
    /// <exception cref="BipeException">The configuration is not valid.</exception>
    public static ParameterCounts Of(ModelConfig config)
    {
        var groups = new SortedDictionary<ParameterGroup, long>();
        foreach (ParameterLayout parameter in ParameterLayout.Of(config))
        {
            groups[parameter.Group] = groups.GetValueOrDefault(parameter.Group) + parameter.Count;
        }

        long total = groups.Values.Sum();
        long vocabulary = groups.GetValueOrDefault(ParameterGroup.Embedding) + groups.GetValueOrDefault(ParameterGroup.Head);
        return new ParameterCounts(groups, total, total - vocabulary);
    }
}

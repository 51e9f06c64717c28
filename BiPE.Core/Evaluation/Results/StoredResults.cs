namespace BiPE.Core.Evaluation.Results;

/// <summary>Content of a results file.</summary>
/// <param name="Records">Finished evaluations, in the order they were finished.</param>
/// <param name="Parts">Parts of evaluations, finished since or not, in the order they were scored.</param>
public sealed record StoredResults(IReadOnlyList<EvaluationRecord> Records, IReadOnlyList<EvaluationPart> Parts)
{
    /// <summary>The finished evaluation of a key, the latest if there are several; null if there is none.</summary>
    /// <param name="key">See <see cref="EvaluationKey"/>.</param>
    public EvaluationRecord? Find(string key) => Records.LastOrDefault(record => record.Key == key);

    /// <summary>The parts of a key that follow each other from the first block on; what another run scored again is left out.</summary>
    /// <param name="key">See <see cref="EvaluationKey"/>.</param>
    public IReadOnlyList<EvaluationPart> PartsOf(string key)
    {
        var chain = new List<EvaluationPart>();
        int next = 0;
        foreach (EvaluationPart part in Parts.Where(part => part.Key == key && part.FirstBlock == next))
        {
            chain.Add(part);
            next += part.BlockCount;
        }

        return chain;
    }
}

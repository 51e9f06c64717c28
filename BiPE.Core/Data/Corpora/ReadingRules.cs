namespace BiPE.Core.Data.Corpora;

/// <summary>What a format needs to know of a corpus' options.</summary>
/// <param name="Fields">Where records have their text and their set.</param>
/// <param name="Sets">Which sets to take.</param>
/// <param name="BrokenLines">What to do with broken lines.</param>
internal sealed record ReadingRules(RecordFields Fields, SetFilter Sets, BrokenLinePolicy BrokenLines)
{
    public static ReadingRules Of(CorpusOptions options) => new(RecordFields.Of(options), new SetFilter(options.Sets), options.BrokenLines);

    /// <summary>Counts a broken line.</summary>
    /// <exception cref="BipeException">Broken lines are refused.</exception>
    public void Report(BrokenLine line, CorpusReading reading)
    {
        reading.Report(line);
        if (BrokenLines == BrokenLinePolicy.Refuse)
        {
            throw new BipeException($"Broken record in {line}; mend or remove it, or let broken lines be skipped.");
        }
    }
}

using System.Collections.Frozen;

namespace BiPE.Core.Data.Corpora;

/// <summary>Short names of the Pile's sets, as they are typed on a command line.</summary>
public static class PileSets
{
    private static readonly FrozenDictionary<string, string> FullNames = new Dictionary<string, string>
    {
        ["pg19"] = "Gutenberg (PG-19)",
        ["arxiv"] = "ArXiv",
        ["github"] = "Github",
        ["wikipedia"] = "Wikipedia (en)",
        ["cc"] = "Pile-CC",
        ["pmc"] = "PubMed Central",
        ["pubmed"] = "PubMed Abstracts",
        ["books3"] = "Books3",
        ["bookcorpus2"] = "BookCorpus2",
        ["openwebtext2"] = "OpenWebText2",
        ["freelaw"] = "FreeLaw",
        ["stackexchange"] = "StackExchange",
        ["uspto"] = "USPTO Backgrounds",
        ["opensubtitles"] = "OpenSubtitles",
        ["youtube"] = "YoutubeSubtitles",
        ["math"] = "DM Mathematics",
        ["ubuntu"] = "Ubuntu IRC",
        ["europarl"] = "EuroParl",
        ["hackernews"] = "HackerNews",
        ["philpapers"] = "PhilPapers",
        ["nih"] = "NIH ExPorter",
        ["enron"] = "Enron Emails",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The short names.</summary>
    public static IReadOnlyCollection<string> ShortNames => FullNames.Keys;

    /// <summary>The <c>pile_set_name</c> that a name means: that of a short name, or the name itself.</summary>
    /// <param name="name">A short name, in any case, or a set's full name.</param>
    public static string Resolve(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return FullNames.GetValueOrDefault(name, name);
    }
}

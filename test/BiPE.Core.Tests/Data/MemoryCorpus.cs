using BiPE.Core.Data.Corpora;

namespace BiPE.Core.Tests.Data;

/// <summary>Texts as a corpus.</summary>
/// <param name="texts">The documents.</param>
/// <param name="before">Is told before each document which one comes; may throw.</param>
/// <param name="setOf">Set of each document; null for none and two others in turns.</param>
internal sealed class MemoryCorpus(IReadOnlyList<string> texts, Action<int>? before = null, Func<int, string?>? setOf = null) : ICorpus
{
    public string Name => "memory";

    public IEnumerable<Document> Read(CorpusReading reading, CancellationToken cancellation = default)
    {
        for (int i = 0; i < texts.Count; i++)
        {
            before?.Invoke(i);
            string? set = setOf is not null ? setOf(i) : i % 3 == 0 ? null : $"set {i % 3}";
            reading.CountTaken(set);
            yield return new Document(texts[i], set, "memory", i + 1);
        }
    }
}

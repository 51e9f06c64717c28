using System.IO.Hashing;
using System.Runtime.InteropServices;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Tokenization;

namespace BiPE.Core.Data.Tokenizing;

/// <summary>Fills chunks with the documents of a corpus, cutting long ones where the tokenizer allows.</summary>
/// <param name="corpus">The text.</param>
/// <param name="tokenizer">Says where a text may be cut.</param>
/// <param name="reading">Receives the corpus' counts.</param>
/// <param name="from">Where earlier work ended; its documents are passed over.</param>
/// <param name="folder">Folder of the earlier work, for messages.</param>
internal sealed class ChunkReader(ICorpus corpus, ITokenizer tokenizer, CorpusReading reading, ReadingPosition from, string folder)
{
    /// <summary>Reads the corpus to its end.</summary>
    /// <param name="takeEmpty">Gives an empty chunk to fill, when there is one.</param>
    /// <param name="giveFull">Takes chunks in the order of the text.</param>
    /// <param name="cancellation">Stops between two documents.</param>
    public void Read(Func<TextChunk> takeEmpty, Action<TextChunk> giveFull, CancellationToken cancellation)
    {
        TextChunk chunk = takeEmpty();
        var position = new ReadingPosition();
        try
        {
            foreach (Document document in corpus.Read(reading, cancellation))
            {
                cancellation.ThrowIfCancellationRequested();
                position = new ReadingPosition(position.Documents + 1, Hash(position.TextHash, document), reading.BrokenLines);
                if (position.Documents <= from.Documents)
                {
                    Check(position);
                }
                else
                {
                    Add(document, position, ref chunk, takeEmpty, giveFull);
                }
            }

            if (position.Documents < from.Documents)
            {
                throw Changed();
            }
        }
        catch (BipeException)
        {
            // The corpus is corrupt further on; what was read before that counts.
            giveFull(chunk);
            throw;
        }

        giveFull(chunk);
    }

    private void Add(Document document, ReadingPosition position, ref TextChunk chunk, Func<TextChunk> takeEmpty, Action<TextChunk> giveFull)
    {
        var origin = new DocumentOrigin(document.SetName ?? CorpusReading.NoSet, document.Source, document.Line);
        int start = 0;
        do
        {
            int length = CutLength(document.Text.AsSpan(start), TextChunk.FullLength - chunk.Length);
            var slice = new DocumentSlice
            {
                Origin = origin,
                Length = length,
                IsFirst = start == 0,
                IsLast = start + length == document.Text.Length,
                Position = position,
            };
            chunk.Add(slice, document.Text.AsSpan(start, length));
            start += length;
            if (chunk.IsFull)
            {
                giveFull(chunk);
                chunk = takeEmpty();
            }
        }
        while (start < document.Text.Length);
    }

    private int CutLength(ReadOnlySpan<char> text, int near) =>
        text.Length > near && tokenizer is IDivisibleTokenizer divisible ? divisible.FindCut(text, near) : text.Length;

    private void Check(ReadingPosition position)
    {
        if (position.Documents == from.Documents && position.TextHash != from.TextHash)
        {
            throw Changed();
        }
    }

    private BipeException Changed() => new(
        $"The first {from.Documents:N0} documents of '{corpus.Name}' are not those of the unfinished work in '{folder}'; "
        + "go on with the same text, filters and set field, or delete that folder to begin anew.");

    // A chain: the hash so far is the seed of the next. The set is in it because the index counts by sets.
    private static ulong Hash(ulong before, Document document) => Hash(Hash(before, document.SetName ?? CorpusReading.NoSet), document.Text);

    private static ulong Hash(ulong before, string text) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan()), (long)before);
}

using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace BiPE.Core.Tokenization;

/// <summary>
/// Encodes text segment by segment: it is cut wherever <see cref="BytePairVocabulary.NextCut"/> allows, and short segments are
/// remembered. Holds its working memory; not for two threads at once.
/// </summary>
internal sealed class SegmentEncoder
{
    private const char SpaceSymbol = '\u2581';

    // A text that cannot be cut needs working memory of its own length; past this size it is not kept for the next text.
    private const int KeptCapacity = 1 << 16;

    private readonly SentencePieceModel _model;
    private readonly BytePairVocabulary _vocabulary;
    private readonly SegmentCache _cache = new();
    private readonly List<int> _found = [];
    private BytePairMerger _merger;
    private char[] _segment = new char[64];

    public SegmentEncoder(SentencePieceModel model, BytePairVocabulary vocabulary)
    {
        _model = model;
        _vocabulary = vocabulary;
        _merger = new BytePairMerger(vocabulary);
    }

    /// <summary>Appends the ids of a text.</summary>
    /// <param name="text">Text that is not empty.</param>
    /// <param name="withSpaceBefore">Whether it is encoded as if a space stood before it.</param>
    /// <param name="ids">Receives the ids.</param>
    public void Encode(ReadOnlySpan<char> text, bool withSpaceBefore, List<int> ids)
    {
        int begin = ids.Count;
        int start = 0;
        if (withSpaceBefore)
        {
            start = !_vocabulary.MayCut ? text.Length : _vocabulary.MayJoinSpaceBefore(text) ? _vocabulary.NextCut(text, 1) : 0;
            Append(string.Concat(" ", text[..start]), 0, start + 1, ids, begin);
        }

        while (start < text.Length)
        {
            int end = _vocabulary.MayCut ? _vocabulary.NextCut(text, start + 1) : text.Length;
            Append(text, start, end - start, ids, begin);
            start = end;
        }
    }

    /// <summary>Gives up working memory that only very long segments need.</summary>
    public void Trim()
    {
        if (_merger.Capacity > KeptCapacity)
        {
            _merger = new BytePairMerger(_vocabulary);
            _segment = new char[64];
        }
    }

    private void Append(ReadOnlySpan<char> text, int start, int length, List<int> ids, int begin)
    {
        if (length > SegmentCache.LongestSegment)
        {
            AppendFound(Merge(text.Slice(start, length)), ids, begin);
            return;
        }

        Vector256<ushort> key = SegmentCache.KeyOf(text, start, length);
        ReadOnlySpan<int> found = _cache.Find(key, length);
        if (found.IsEmpty)
        {
            found = Merge(text.Slice(start, length));
            _cache.Keep(key, length, found);
        }

        AppendFound(found, ids, begin);
    }

    private void AppendFound(ReadOnlySpan<int> found, List<int> ids, int begin)
    {
        // SentencePiece writes one unknown token for a run of unknown characters, and a cut may lie inside the run.
        bool continuesUnknown = found[0] == _model.Unknown && ids.Count > begin && ids[^1] == _model.Unknown;
        ids.AddRange(continuesUnknown ? found[1..] : found);
    }

    private ReadOnlySpan<int> Merge(ReadOnlySpan<char> segment)
    {
        if (_segment.Length < segment.Length)
        {
            _segment = new char[Math.Max(segment.Length, 2 * _segment.Length)];
        }

        segment.Replace(_segment, ' ', SpaceSymbol);
        _found.Clear();
        ReplaceLoneSurrogates(_segment.AsSpan(0, segment.Length));
        _merger.Encode(_segment.AsSpan(0, segment.Length), _found);
        return CollectionsMarshal.AsSpan(_found);
    }

    // UTF-8, which ids are defined on, has no surrogates.
    private static void ReplaceLoneSurrogates(Span<char> text)
    {
        while (text.IndexOfAnyInRange('\uD800', '\uDFFF') is var found and >= 0)
        {
            text = text[found..];
            bool isPair = Rune.DecodeFromUtf16(text, out _, out int length) == System.Buffers.OperationStatus.Done;
            if (!isPair)
            {
                text[0] = (char)Rune.ReplacementChar.Value;
                length = 1;
            }

            text = text[length..];
        }
    }
}

namespace BiPE.Core.Tokenization;

/// <summary>
/// Byte-pair encoding of one stretch of text as SentencePiece does it: symbols in a linked list, possible merges in a heap;
/// the merge of the highest score goes first, among equals the leftmost. Holds its working memory; not for two threads at once.
/// </summary>
/// <param name="vocabulary">The merges.</param>
internal sealed class BytePairMerger(BytePairVocabulary vocabulary)
{
    private const int None = -1;

    // Stands for no symbol: code points end far below, so ~codePoint is never so small.
    private const int Absorbed = int.MinValue;

    private readonly PriorityQueue<Candidate, ulong> _agenda = new();
    private readonly Dictionary<int, (int Left, int Right)> _origins = [];
    private Node[] _nodes = new Node[64];

    /// <summary>How many symbols its working memory holds.</summary>
    public int Capacity => _nodes.Length;

    /// <summary>Appends the ids of <paramref name="text"/>.</summary>
    /// <param name="text">Text without lone surrogates, with U+2581 for a space.</param>
    /// <param name="ids">Receives the ids, after those of text right before this one.</param>
    public void Encode(ReadOnlySpan<char> text, List<int> ids)
    {
        int count = Split(text);
        for (int i = 1; i < count; i++)
        {
            Propose(i - 1, i);
        }

        while (_agenda.TryDequeue(out Candidate candidate, out _))
        {
            ref Node left = ref _nodes[candidate.Left];
            ref Node right = ref _nodes[candidate.Right];

            // Outdated: one of the two has been merged since. A symbol only grows, so it never comes back to what it was.
            if (left.Symbol != candidate.LeftSymbol || right.Symbol != candidate.RightSymbol)
            {
                continue;
            }

            left.Symbol = candidate.Merged;
            left.Next = right.Next;
            right.Symbol = Absorbed;
            if (left.Next != None)
            {
                _nodes[left.Next].Previous = candidate.Left;
            }

            Propose(left.Previous, candidate.Left);
            Propose(candidate.Left, left.Next);
        }

        for (int i = count > 0 ? 0 : None; i != None; i = _nodes[i].Next)
        {
            Write(_nodes[i].Symbol, ids);
        }
    }

    private int Split(ReadOnlySpan<char> text)
    {
        if (_nodes.Length < text.Length)
        {
            _nodes = new Node[Math.Max(text.Length, 2 * _nodes.Length)];
        }

        _origins.Clear();
        int count = 0;
        while (!text.IsEmpty)
        {
            int symbol = vocabulary.FirstSymbol(text, out int length);
            text = text[length..];
            _nodes[count] = new Node { Symbol = symbol, Previous = count - 1, Next = text.IsEmpty ? None : count + 1 };
            count++;
        }

        return count;
    }

    private void Propose(int left, int right)
    {
        if (left == None || right == None)
        {
            return;
        }

        int leftSymbol = _nodes[left].Symbol;
        int rightSymbol = _nodes[right].Symbol;
        int merged = vocabulary.Merge(leftSymbol, rightSymbol);
        if (merged < 0)
        {
            return;
        }

        ulong priority = (ulong)vocabulary.PriorityOf(merged) << 32 | (uint)left;
        _agenda.Enqueue(new Candidate(left, right, leftSymbol, rightSymbol, merged), priority);
        if (vocabulary.IsUnused(merged))
        {
            _origins[merged] = (leftSymbol, rightSymbol);
        }
    }

    // An unused piece is taken apart again into what it was last proposed from, as SentencePiece does; an unused character stays.
    private void Write(int symbol, List<int> ids)
    {
        if (symbol >= 0 && vocabulary.IsUnused(symbol) && _origins.TryGetValue(symbol, out (int Left, int Right) origin))
        {
            Write(origin.Left, ids);
            Write(origin.Right, ids);
        }
        else
        {
            vocabulary.Write(symbol, ids);
        }
    }

    private record struct Node
    {
        public int Symbol;
        public int Previous;
        public int Next;
    }

    private readonly record struct Candidate(int Left, int Right, int LeftSymbol, int RightSymbol, int Merged);
}

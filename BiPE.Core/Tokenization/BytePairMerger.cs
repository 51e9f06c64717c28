namespace BiPE.Core.Tokenization;

/// <summary>
/// Byte-pair encoding of one stretch of text as SentencePiece does it: the merge of the highest score goes first, among equals
/// the leftmost. Holds its working memory; not for two threads at once.
/// </summary>
/// <param name="vocabulary">The merges.</param>
internal sealed class BytePairMerger(BytePairVocabulary vocabulary)
{
    private const int None = -1;

    // Up to this many symbols, looking at all neighbours for the next merge is quicker than keeping them in a heap.
    private const int FewSymbols = 48;

    private readonly PriorityQueue<int, ulong> _agenda = new();
    private readonly Dictionary<int, (int Left, int Right)> _origins = [];
    private readonly int[] _symbols = new int[FewSymbols];
    private readonly Merge[] _merges = new Merge[FewSymbols];
    private Node[] _nodes = new Node[FewSymbols];

    /// <summary>How many symbols its working memory holds.</summary>
    public int Capacity => _nodes.Length;

    /// <summary>Appends the ids of <paramref name="text"/>.</summary>
    /// <param name="text">Text without lone surrogates, with U+2581 for a space.</param>
    /// <param name="ids">Receives the ids, after those of text right before this one.</param>
    public void Encode(ReadOnlySpan<char> text, List<int> ids)
    {
        if (text.Length <= FewSymbols && !vocabulary.HasUnused)
        {
            EncodeFew(text, ids);
        }
        else
        {
            EncodeMany(text, ids);
        }
    }

    // Symbols side by side in an array; beside each the merge with the one after it.
    private void EncodeFew(ReadOnlySpan<char> text, List<int> ids)
    {
        int[] symbols = _symbols;
        Merge[] merges = _merges;
        int count = 0;
        while (!text.IsEmpty)
        {
            symbols[count++] = vocabulary.FirstSymbol(text, out int length);
            text = text[length..];
        }

        for (int i = 0; i < count - 1; i++)
        {
            merges[i] = MergeOf(symbols[i], symbols[i + 1]);
        }

        while (count > 1)
        {
            int best = 0;
            for (int i = 1; i < count - 1; i++)
            {
                best = merges[i].Priority < merges[best].Priority ? i : best;
            }

            if (merges[best].Priority == Merge.Never)
            {
                break;
            }

            symbols[best] = merges[best].Piece;
            count--;
            for (int i = best + 1; i < count; i++)
            {
                symbols[i] = symbols[i + 1];
                merges[i - 1] = merges[i];
            }

            if (best > 0)
            {
                merges[best - 1] = MergeOf(symbols[best - 1], symbols[best]);
            }

            if (best < count - 1)
            {
                merges[best] = MergeOf(symbols[best], symbols[best + 1]);
            }
        }

        foreach (int symbol in symbols.AsSpan(0, count))
        {
            vocabulary.Write(symbol, ids);
        }
    }

    private Merge MergeOf(int left, int right)
    {
        int piece = vocabulary.Merge(left, right);
        return new Merge(piece, piece < 0 ? Merge.Never : vocabulary.PriorityOf(piece));
    }

    // Symbols in a linked list, possible merges in a heap: of the order of n log n, however long the text.
    private void EncodeMany(ReadOnlySpan<char> text, List<int> ids)
    {
        int count = Split(text);
        for (int i = 1; i < count; i++)
        {
            Propose(i - 1, i);
        }

        while (_agenda.TryDequeue(out int position, out ulong priority))
        {
            ref Node left = ref _nodes[position];

            // Outdated: one of the two has been merged since, so what could be made of them is another piece or none.
            if (left.Merged < 0 || vocabulary.PriorityOf(left.Merged) != (uint)(priority >> 32))
            {
                continue;
            }

            ref Node right = ref _nodes[left.Next];
            left.Symbol = left.Merged;
            left.Next = right.Next;
            right.Merged = None;
            if (left.Next != None)
            {
                _nodes[left.Next].Previous = position;
            }

            Propose(left.Previous, position);
            Propose(position, left.Next);
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
            _nodes[count] = new Node { Symbol = symbol, Merged = None, Previous = count - 1, Next = text.IsEmpty ? None : count + 1 };
            count++;
        }

        return count;
    }

    private void Propose(int left, int right)
    {
        if (left == None)
        {
            return;
        }

        ref Node node = ref _nodes[left];
        node.Merged = right == None ? None : vocabulary.Merge(node.Symbol, _nodes[right].Symbol);
        if (node.Merged < 0)
        {
            return;
        }

        _agenda.Enqueue(left, (ulong)vocabulary.PriorityOf(node.Merged) << 32 | (uint)left);
        if (vocabulary.IsUnused(node.Merged))
        {
            _origins[node.Merged] = (node.Symbol, _nodes[right].Symbol);
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

        // The piece that it makes with the next symbol, or None.
        public int Merged;
        public int Previous;
        public int Next;
    }

    private readonly record struct Merge(int Piece, uint Priority)
    {
        // No score has this priority: a score's bits are not all ones, that would be no number.
        public const uint Never = uint.MaxValue;
    }
}

using System.Runtime.InteropServices;

namespace BiPE.Core.Data.Tokenizing;

/// <summary>
/// A stretch of text that one worker encodes: many small documents, or a part of a large one. Chunks are used again and again,
/// so their number and size are what bounds the memory of the pipeline.
/// </summary>
internal sealed class TextChunk : IDisposable
{
    /// <summary>Length at which a chunk is full, in UTF-16 units; only text that cannot be cut makes one longer.</summary>
    public const int FullLength = 1 << 17;

    /// <summary>Number of slices at which a chunk is full, so that documents without text fill it too.</summary>
    private const int MostSlices = 1 << 12;

    private readonly List<DocumentSlice> _slices = [];
    private char[] _text = new char[FullLength];

    /// <summary>Whether it holds enough to be encoded.</summary>
    public bool IsFull => Length >= FullLength || _slices.Count >= MostSlices;

    /// <summary>Number of UTF-16 units that it holds.</summary>
    public int Length { get; private set; }

    /// <summary>The slices, which share <see cref="Text"/> in this order.</summary>
    public Span<DocumentSlice> Slices => CollectionsMarshal.AsSpan(_slices);

    /// <summary>The text of all slices.</summary>
    public ReadOnlySpan<char> Text => _text.AsSpan(0, Length);

    /// <summary>The ids of all slices as they stand in the file.</summary>
    public TokenBytes Tokens { get; } = new();

    /// <summary>Set once the chunk is encoded, or <see cref="Fault"/> says why not.</summary>
    public ManualResetEventSlim Encoded { get; } = new();

    /// <summary>What kept the chunk from being encoded.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Adds a slice.</summary>
    public void Add(DocumentSlice slice, ReadOnlySpan<char> text)
    {
        int length = checked(Length + text.Length);
        if (_text.Length < length)
        {
            Array.Resize(ref _text, length);
        }

        text.CopyTo(_text.AsSpan(Length));
        Length = length;
        _slices.Add(slice);
    }

    /// <summary>Empties the chunk for the next text; memory beyond a full chunk's is given up.</summary>
    public void Clear()
    {
        _slices.Clear();
        Length = 0;
        Tokens.Clear();
        Fault = null;
        Encoded.Reset();
        if (_text.Length > 2 * FullLength)
        {
            _text = new char[FullLength];
        }
    }

    public void Dispose() => Encoded.Dispose();
}

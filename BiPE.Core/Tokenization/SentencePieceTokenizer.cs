using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace BiPE.Core.Tokenization;

/// <summary>
/// A SentencePiece model of type BPE (LLaMA's <c>tokenizer.model</c>), with exactly the ids that SentencePiece gives. Special
/// tokens' spellings in a text are plain text. Any number of threads may use one instance.
/// </summary>
/// <remarks>
/// The text is cut wherever the vocabulary proves that no merge can cross (see <see cref="BytePairVocabulary.NextCut"/>), which
/// for LLaMA is before every word and around every line feed; the pieces are merged one by one and remembered.
/// </remarks>
public sealed class SentencePieceTokenizer : IDivisibleTokenizer
{
    private const char SpaceSymbol = '\u2581';

    private readonly SentencePieceModel _model;
    private readonly BytePairVocabulary _vocabulary;
    private readonly ConcurrentBag<SegmentEncoder> _encoders = [];
    private readonly byte[] _modelBytes;

    /// <summary>Reads a model.</summary>
    /// <param name="modelBytes">Content of a <c>tokenizer.model</c> file; it is copied.</param>
    /// <param name="name">What to call it in messages, usually its path.</param>
    /// <param name="addsBeginOfSentence"><see cref="AddsBeginOfSentence"/>: <c>add_bos_token</c> of <c>tokenizer_config.json</c>.</param>
    /// <exception cref="BipeException">The content is damaged, no BPE model, or asks for what cannot be done exactly here.</exception>
    public SentencePieceTokenizer(ReadOnlySpan<byte> modelBytes, string name, bool addsBeginOfSentence = true)
    {
        ArgumentNullException.ThrowIfNull(name);
        _modelBytes = modelBytes.ToArray();
        _model = SentencePieceModel.Parse(_modelBytes, name);
        _vocabulary = new BytePairVocabulary(_model);
        AddsBeginOfSentence = addsBeginOfSentence;
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData([.. _modelBytes, addsBeginOfSentence ? (byte)1 : (byte)0]));
    }

    /// <inheritdoc/>
    public string Kind => "sentencepiece";

    /// <inheritdoc/>
    public int VocabularySize => _model.Pieces.Count;

    /// <inheritdoc/>
    public int BeginOfSentence => _model.BeginOfSentence;

    /// <inheritdoc/>
    public int EndOfSentence => _model.EndOfSentence;

    /// <inheritdoc/>
    public bool AddsBeginOfSentence { get; }

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <summary>The model file as it was read.</summary>
    public ReadOnlyMemory<byte> ModelBytes => _modelBytes;

    /// <summary>The <c>tokenizer_config.json</c> it was opened with, if any, to be saved with the model.</summary>
    internal byte[]? ConfigBytes { get; init; }

    /// <inheritdoc/>
    /// <remarks>A lone surrogate, which UTF-8 cannot hold, counts as U+FFFD. The empty text has no ids.</remarks>
    public void Encode(ReadOnlySpan<char> text, List<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (_model.RemoveExtraWhitespaces)
        {
            text = WithoutExtraWhitespaces(text);
        }

        if (!text.IsEmpty)
        {
            Encode(text, followsCut: false, ids);
        }
    }

    /// <inheritdoc/>
    public int FindCut(ReadOnlySpan<char> text, int near)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(near);
        if (_model.RemoveExtraWhitespaces || !_vocabulary.MayCut)
        {
            return text.Length;
        }

        // A run of unknown characters is one token, so a cut must not lie inside the run.
        int cut = _vocabulary.NextCut(text, near);
        while (cut < text.Length && !_vocabulary.IsKnown(text[cut - 1]))
        {
            cut = _vocabulary.NextCut(text, cut + 1);
        }

        return cut;
    }

    /// <inheritdoc/>
    public void EncodeAfterCut(ReadOnlySpan<char> text, List<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        Encode(text, followsCut: true, ids);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// As Hugging Face's tokenizers library decodes LLaMA's ids without special tokens: the space that encoding put in front is
    /// taken away, the unknown token gives nothing, and a run of byte tokens that is no valid UTF-8 becomes one U+FFFD a byte.
    /// </remarks>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder();
        var bytes = new List<byte>();
        foreach (int id in ids)
        {
            SentencePieceEntry piece = Entry(id, nameof(ids));
            switch (piece.Type)
            {
                case SentencePieceType.Control or SentencePieceType.Unknown:
                    break;
                case SentencePieceType.Byte:
                    bytes.Add(Convert.FromHexString(piece.Text.AsSpan(3, 2))[0]);
                    break;
                default:
                    AppendBytes(text, bytes);
                    int start = text.Length;
                    text.Append(piece.Text).Replace(SpaceSymbol, ' ', start, piece.Text.Length);
                    break;
            }
        }

        AppendBytes(text, bytes);
        bool dropsSpace = _model.AddDummyPrefix && text.Length > 0 && text[0] == ' ';
        return text.ToString(dropsSpace ? 1 : 0, text.Length - (dropsSpace ? 1 : 0));
    }

    /// <inheritdoc/>
    public string Piece(int id) => Entry(id, nameof(id)).Text;

    private void Encode(ReadOnlySpan<char> text, bool followsCut, List<int> ids)
    {
        SegmentEncoder encoder = _encoders.TryTake(out SegmentEncoder? idle) ? idle : new SegmentEncoder(_model, _vocabulary);
        encoder.Encode(text, _model.AddDummyPrefix && !followsCut, ids);
        encoder.Trim();
        _encoders.Add(encoder);
    }

    private SentencePieceEntry Entry(int id, string parameter)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id, parameter);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, VocabularySize, parameter);
        return _model.Pieces[id];
    }

    // Runs of spaces become one and go from both ends. The end is stripped after spaces have become U+2581, so one that stood in
    // the text goes with them.
    private static string WithoutExtraWhitespaces(ReadOnlySpan<char> text)
    {
        var result = new StringBuilder(text.Length);
        bool afterSpace = true;
        foreach (char c in text)
        {
            if (c != ' ' || !afterSpace)
            {
                result.Append(c);
            }

            afterSpace = c == ' ';
        }

        return result.ToString().TrimEnd(' ', SpaceSymbol);
    }

    private static void AppendBytes(StringBuilder text, List<byte> bytes)
    {
        ReadOnlySpan<byte> run = CollectionsMarshal.AsSpan(bytes);
        if (Utf8.IsValid(run))
        {
            text.Append(Encoding.UTF8.GetString(run));
        }
        else
        {
            text.Append('\uFFFD', run.Length);
        }

        bytes.Clear();
    }
}

using BiPE.Core.Autograd;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;

namespace BiPE.Core.Model;

/// <summary>Rows of token ids and what is to be predicted after each of them.</summary>
public sealed class TokenBatch
{
    /// <summary>Label of positions that are not scored.</summary>
    public const int IgnoredLabel = -1;

    private readonly int[] _labels;
    private readonly int[]? _documents;

    /// <summary>Creates a batch whose labels are the tokens that follow; the last of a row has none.</summary>
    /// <param name="tokens">Token ids <c>[batch, time]</c>, row-major.</param>
    /// <param name="batch">Number of rows, positive.</param>
    /// <param name="paddingToken">Token that is never scored (the reference's <c>pad_token_id</c>), or a negative number for none.</param>
    /// <param name="documents">
    /// Numbers of documents <c>[batch, time]</c>, not decreasing along a row: no document sees another, positions start anew in each,
    /// and a document's last token has no label. Null: one document a row.
    /// </param>
    /// <exception cref="ArgumentException">The tokens do not fill rows of one length, or the documents do not fit them.</exception>
    public TokenBatch(int[] tokens, int batch, int paddingToken = IgnoredLabel, int[]? documents = null)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        if (tokens.Length == 0 || tokens.Length % batch != 0)
        {
            throw new ArgumentException($"{tokens.Length} tokens do not fill {batch} rows of one length.", nameof(tokens));
        }

        Tokens = tokens;
        Batch = batch;
        Time = tokens.Length / batch;
        _documents = documents;
        RequireDocumentsFit();
        _labels = new int[tokens.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            bool isLast = (i + 1) % Time == 0 || (documents is not null && documents[i + 1] != documents[i]);
            int label = isLast ? IgnoredLabel : tokens[i + 1];
            _labels[i] = label == paddingToken ? IgnoredLabel : label;
            LabelCount += _labels[i] == IgnoredLabel ? 0 : 1;
        }
    }

    /// <summary>Token ids <c>[batch, time]</c>.</summary>
    public int[] Tokens { get; }

    /// <summary>Number of rows.</summary>
    public int Batch { get; }

    /// <summary>Tokens a row.</summary>
    public int Time { get; }

    /// <summary>How each row is split into segments; null, for all or for a row, is as the model splits.</summary>
    /// <exception cref="ArgumentException">There is not one for each row.</exception>
    public IReadOnlyList<ISegmenter?>? Segmenters
    {
        get;
        init => field = value is null || value.Count == Batch
            ? value
            : throw new ArgumentException($"{value.Count} segmenters do not fit {Batch} rows.", nameof(value));
    }

    /// <summary>Number of scored predictions.</summary>
    public int LabelCount { get; }

    /// <summary>Next tokens <c>[batch, time]</c>, <see cref="IgnoredLabel"/> where nothing is scored.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>Numbers of documents <c>[batch, time]</c>; empty for one document a row.</summary>
    public ReadOnlySpan<int> Documents => _documents;

    /// <summary>The token ids as an Int32 tensor <c>[batch, time]</c>.</summary>
    /// <param name="tape">Allocates it.</param>
    public Tensor UploadTokens(Tape tape) => Upload(tape, Tokens);

    /// <summary>The labels as an Int32 tensor <c>[batch, time]</c>.</summary>
    /// <param name="tape">Allocates it.</param>
    public Tensor UploadLabels(Tape tape) => Upload(tape, _labels);

    /// <summary>The documents' numbers as an Int32 tensor <c>[batch, time]</c>; null for one document a row.</summary>
    /// <param name="tape">Allocates it.</param>
    public Tensor? UploadDocuments(Tape tape) => _documents is null ? null : Upload(tape, _documents);

    private void RequireDocumentsFit()
    {
        if (_documents is null)
        {
            return;
        }

        if (_documents.Length != Tokens.Length)
        {
            throw new ArgumentException($"{_documents.Length} numbers of documents do not fit {Tokens.Length} tokens.", "documents");
        }

        for (int i = 1; i < _documents.Length; i++)
        {
            if (i % Time != 0 && _documents[i] < _documents[i - 1])
            {
                throw new ArgumentException($"Document {_documents[i]} comes after document {_documents[i - 1]} in row {i / Time}; their numbers must not decrease.", "documents");
            }
        }
    }

    private Tensor Upload(Tape tape, int[] values)
    {
        ArgumentNullException.ThrowIfNull(tape);
        Tensor tensor = tape.Scope.Allocate(new Shape(Batch, Time), ElementType.Int32);
        tape.Backend.Upload<int>(tensor, values);
        return tensor;
    }
}

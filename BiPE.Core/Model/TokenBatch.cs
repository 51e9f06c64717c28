using BiPE.Core.Autograd;
using BiPE.Core.Tensors;

namespace BiPE.Core.Model;

/// <summary>Rows of token ids and what is to be predicted after each of them.</summary>
public sealed class TokenBatch
{
    /// <summary>Label of positions that are not scored.</summary>
    public const int IgnoredLabel = -1;

    private readonly int[] _labels;

    /// <summary>Creates a batch whose labels are the tokens that follow; the last of a row has none.</summary>
    /// <param name="tokens">Token ids <c>[batch, time]</c>, row-major.</param>
    /// <param name="batch">Number of rows, positive.</param>
    /// <param name="paddingToken">Token that is never scored (the reference's <c>pad_token_id</c>), or a negative number for none.</param>
    /// <exception cref="ArgumentException">The tokens do not fill rows of one length.</exception>
    public TokenBatch(int[] tokens, int batch, int paddingToken = IgnoredLabel)
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
        _labels = new int[tokens.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            int label = (i + 1) % Time == 0 ? IgnoredLabel : tokens[i + 1];
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

    /// <summary>Number of scored predictions.</summary>
    public int LabelCount { get; }

    /// <summary>Next tokens <c>[batch, time]</c>, <see cref="IgnoredLabel"/> where nothing is scored.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>The token ids as an Int32 tensor <c>[batch, time]</c>.</summary>
    /// <param name="tape">Allocates it.</param>
    public Tensor UploadTokens(Tape tape) => Upload(tape, Tokens);

    /// <summary>The labels as an Int32 tensor <c>[batch, time]</c>.</summary>
    /// <param name="tape">Allocates it.</param>
    public Tensor UploadLabels(Tape tape) => Upload(tape, _labels);

    private Tensor Upload(Tape tape, int[] values)
    {
        ArgumentNullException.ThrowIfNull(tape);
        Tensor tensor = tape.Scope.Allocate(new Shape(Batch, Time), ElementType.Int32);
        tape.Backend.Upload<int>(tensor, values);
        return tensor;
    }
}

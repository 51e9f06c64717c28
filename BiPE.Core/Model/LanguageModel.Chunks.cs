using BiPE.Core.Autograd;
using BiPE.Core.Positions;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Tensors;

namespace BiPE.Core.Model;

public sealed partial class LanguageModel
{
    /// <summary>
    /// Cross entropy of predicting each next token of one long row, in chunks of its tokens: within a layer, each chunk attends to the
    /// cached keys and values of those before it. Besides the parameters, only hidden states and one layer's keys and values take memory
    /// that grows with the row. The losses are those of <see cref="Losses(Tape, TokenBatch, double, PositionStreams?)"/> but for rounding.
    /// </summary>
    /// <param name="tokens">One row.</param>
    /// <param name="chunkTokens">Tokens a chunk, positive.</param>
    /// <param name="firstScored">First token whose loss is wanted, at least 1.</param>
    /// <param name="progress">Told the share of the work that is done, up to 1; null for nobody.</param>
    /// <param name="cancellation">Stops between chunks.</param>
    /// <returns>Losses <c>[time]</c> in nats: element t is that of token t + 1; 0 before <paramref name="firstScored"/> and where nothing is scored.</returns>
    /// <exception cref="ArgumentException">There are several rows or documents, or a token id is outside the vocabulary.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public double[] LossesInChunks(
        TokenBatch tokens, int chunkTokens, int firstScored = 1, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(firstScored);
        using var tape = new Tape(Backend, isRecording: false);
        Tensor hidden = RunLayersInChunks(tape, tokens, chunkTokens, inspect: null, progress, cancellation)!;
        Tensor labels = tokens.UploadLabels(tape).Reshape(tokens.Time);
        var losses = new double[tokens.Time];
        foreach ((int first, int count) in Chunks(firstScored - 1, tokens.Time, chunkTokens))
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = new Tape(Backend, isRecording: false);
            Variable normed = inner.RmsNorm(Tape.Constant(hidden.Slice(first, count)), _finalNorm, Config.RmsNormEpsilon);
            Tensor part = inner.LinearCrossEntropy(
                normed, _head, labels.Slice(first, count), TokenBatch.IgnoredLabel, gradientScale: 1, LogitBytes(chunkTokens));
            Backend.ReadDoubles(part).CopyTo(losses, first);
        }

        progress?.Report(1);

        return losses;
    }

    /// <summary>Hidden states of one row before the final norm, <c>[time, hidden]</c>; all layers work in their place, one after the other.</summary>
    /// <param name="tape">Owns the result; does not record.</param>
    /// <param name="tokens">One row.</param>
    /// <param name="chunkTokens">Tokens a chunk.</param>
    /// <param name="inspect">Shown every intermediate result with what it is; says whether to go on. Or null.</param>
    /// <param name="progress">Told the share of the work that is done, the head as one layer more.</param>
    /// <param name="cancellation">Stops between chunks.</param>
    /// <returns>Null if <paramref name="inspect"/> stopped it.</returns>
    private Tensor? RunLayersInChunks(
        Tape tape, TokenBatch tokens, int chunkTokens, Func<LayerOutput, Tensor, bool>? inspect, IProgress<double>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunkTokens);
        if (!tokens.Documents.IsEmpty)
        {
            throw new ArgumentException("Rows of several documents are not computed in chunks.", nameof(tokens));
        }

        if (tokens.Batch != 1)
        {
            throw new ArgumentException($"Chunks are cut from a single row, found {tokens.Batch}.", nameof(tokens));
        }

        RequireVocabulary(tokens);
        PositionStreams positions = PositionsOf(tokens);
        AttentionTerms terms = TermsOf(tape, positions, ShapeOf(1, tokens.Time));
        Tensor hidden = Embed(tape, tokens, positions).Value;
        if (inspect?.Invoke(LayerOutput.Embedding, hidden) == false)
        {
            return null;
        }

        // Gates are the widest activation. Half as many rows do as well when weights are frozen; others would be packed anew for each chunk.
        int transformed = IsFrozen ? Math.Max(1, chunkTokens / 2) : chunkTokens;
        using var cache = new KeyValueCache(Backend, Config, tokens.Time);
        foreach ((int index, DecoderLayer layer) in _layers.Index())
        {
            cache.Clear();
            foreach ((int first, int count) in Chunks(0, tokens.Time, chunkTokens))
            {
                cancellation.ThrowIfCancellationRequested();
                Tensor part = hidden.Slice(first, count);
                using var inner = new Tape(Backend, isRecording: false);
                Variable attended = layer.Attend(inner, Tape.Constant(part), ShapeOf(1, count), terms.Window(first, count), cache);
                if (inspect?.Invoke(LayerOutput.Attention(index), attended.Value) == false)
                {
                    return null;
                }

                TransformInChunks(layer, part, attended.Value, transformed);
                if (inspect?.Invoke(LayerOutput.Mlp(index), part) == false)
                {
                    return null;
                }

                progress?.Report((index + ((double)(first + count) / tokens.Time)) / (_layers.Length + 1));
            }
        }

        return hidden;
    }

    /// <summary>The second half of a layer.</summary>
    private void TransformInChunks(DecoderLayer layer, Tensor destination, Tensor attended, int chunkTokens)
    {
        foreach ((int first, int count) in Chunks(0, attended.Shape[0], chunkTokens))
        {
            using var inner = new Tape(Backend, isRecording: false);
            Variable output = layer.Transform(inner, Tape.Constant(attended.Slice(first, count)));
            Backend.Copy(destination.Slice(first, count), output.Value);
        }
    }

    private static IEnumerable<(int First, int Count)> Chunks(int start, int end, int chunkTokens)
    {
        for (int first = start; first < end; first += chunkTokens)
        {
            yield return (first, Math.Min(chunkTokens, end - first));
        }
    }
}

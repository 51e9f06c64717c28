using System.Diagnostics;
using BiPE.Core.Autograd;
using BiPE.Core.Data;
using BiPE.Core.Evaluation.Results;
using BiPE.Core.Model;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;

namespace BiPE.Core.Evaluation;

/// <summary>Scores blocks of text with a model.</summary>
public sealed class PerplexityEvaluator
{
    private readonly LanguageModel _model;
    private readonly int _paddingToken;

    /// <summary>Creates an evaluator.</summary>
    /// <param name="model">The model; its parameters are only read.</param>
    public PerplexityEvaluator(LanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        BatchTokens = ChunkTokens = model.Backend.Info.TokensAtOnce;
        _paddingToken = model.Config.PadTokenId ?? TokenBatch.IgnoredLabel;
    }

    /// <summary>Most tokens that are run as one batch when blocks are short; at least one block is.</summary>
    public int BatchTokens { get; init; }

    /// <summary>Longer blocks are run alone and this many tokens at a time, with the same result but for rounding and in less memory.</summary>
    public int ChunkTokens { get; init; }

    /// <summary>How text is split into segments; null for as the model splits.</summary>
    public ISegmenter? Segmenter { get; init; }

    /// <summary>Perplexity at one block size.</summary>
    /// <param name="documents">The tokens.</param>
    /// <param name="blockSize">Tokens a block, at least 2.</param>
    /// <param name="protocol">Which blocks count and how.</param>
    /// <param name="maximumTokens">Blocks that start beyond this many tokens are left out.</param>
    /// <param name="progress">Told the tokens done and those there are.</param>
    /// <param name="cancellation">Stops between layers and between chunks.</param>
    /// <exception cref="BipeException">No block fits, or a loss is not a number.</exception>
    public PerplexityResult Evaluate(
        IDocumentSource documents, int blockSize, IBlockProtocol protocol, long maximumTokens = long.MaxValue,
        IProgress<(long Done, long Total)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        var plan = EvaluationPlan.Create(documents, protocol, blockSize, maximumTokens);
        var tally = new EvaluationTally(plan);
        long done = 0;
        while (tally.BlocksDone < plan.Blocks.Count)
        {
            done += ScoreBatch(tally, progress: null, cancellation);
            progress?.Report((done, plan.ReadTokens));
        }

        EvaluationNumbers numbers = tally.ToNumbers();
        return new PerplexityResult(protocol.Name, blockSize, numbers.Blocks, numbers.ScoredTokens, numbers.MeanLoss, numbers.Seconds);
    }

    /// <summary>Scores the next batch of a tally's plan; there is one while <see cref="EvaluationTally.BlocksDone"/> is below the number of blocks.</summary>
    /// <param name="tally">Receives the losses.</param>
    /// <param name="progress">Told the share of a long block that is done; null for nobody.</param>
    /// <param name="cancellation">Stops between layers, and between chunks of a long block; then nothing is added.</param>
    /// <returns>Tokens read.</returns>
    /// <exception cref="BipeException">A loss is not a number; the message names the first layer where that happens.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public long ScoreBatch(EvaluationTally tally, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(tally);
        cancellation.ThrowIfCancellationRequested();
        var watch = Stopwatch.StartNew();
        TextBlock[] blocks = NextBatch(tally.Plan.Blocks, tally.BlocksDone);
        int length = blocks[0].Length;
        var tokens = new int[blocks.Length * length];
        for (int row = 0; row < blocks.Length; row++)
        {
            tally.Plan.Documents.Read(blocks[row].Start, tokens.AsSpan(row * length, length));
        }

        double[] losses = Losses(Batch(tokens, blocks.Length, _paddingToken), blocks[0].FirstScored, progress, cancellation);
        for (int row = 0; row < blocks.Length; row++)
        {
            ReadOnlySpan<int> rowTokens = tokens.AsSpan(row * length, length);
            ReadOnlySpan<double> rowLosses = losses.AsSpan(row * length, length);
            RequireFinite(rowTokens, rowLosses, blocks[row].Start);
            tally.Add(rowTokens, rowLosses, _paddingToken);
        }

        tally.AddTime(watch.Elapsed.TotalSeconds);
        return tokens.Length;
    }

    /// <summary>Loss of predicting each token of one row from those before it.</summary>
    /// <param name="tokens">At least two token ids.</param>
    /// <param name="cancellation">Stops between layers and between chunks.</param>
    /// <returns>Losses in nats of tokens 1, 2, ...; one fewer than the tokens.</returns>
    /// <exception cref="BipeException">A loss is not a number.</exception>
    public double[] TokenLosses(ReadOnlySpan<int> tokens, CancellationToken cancellation = default)
    {
        double[] losses = Losses(Batch(tokens.ToArray(), 1), 1, progress: null, cancellation);
        RequireFinite(tokens, losses, 0);
        return losses[..^1];
    }

    private TokenBatch Batch(int[] tokens, int rows, int paddingToken = TokenBatch.IgnoredLabel) => new(tokens, rows, paddingToken)
    {
        Segmenters = Segmenter is null ? null : [.. Enumerable.Repeat(Segmenter, rows)],
    };

    private double[] Losses(TokenBatch batch, int firstScored, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (batch.Time > ChunkTokens)
        {
            return _model.LossesInChunks(batch, ChunkTokens, firstScored, progress, cancellation);
        }

        using var tape = new Tape(_model.Backend, isRecording: false) { Cancellation = cancellation };
        return _model.Backend.ReadDoubles(_model.Losses(tape, batch));
    }

    private void RequireFinite(ReadOnlySpan<int> tokens, ReadOnlySpan<double> losses, long firstToken)
    {
        foreach (double loss in losses)
        {
            if (!double.IsFinite(loss))
            {
                string? source = _model.FindNonFinite(Batch(tokens.ToArray(), 1), ChunkTokens);
                throw new BipeException(
                    $"The loss is {loss} in the block at token {firstToken}: the first values that are not finite are those of {source ?? "the losses"}; check the checkpoint.");
            }
        }
    }

    /// <summary>The next blocks of one length that fit in a batch.</summary>
    private TextBlock[] NextBatch(IReadOnlyList<TextBlock> blocks, int first)
    {
        int length = blocks[first].Length;
        int most = length > ChunkTokens ? 1 : Math.Max(1, BatchTokens / length);
        return [.. blocks.Skip(first).Take(most).TakeWhile(block => block.Length == length)];
    }
}

using System.Diagnostics;
using BiPE.Core.Autograd;
using BiPE.Core.Data;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Core.Evaluation;

/// <summary>Scores blocks of text with a model.</summary>
public sealed class PerplexityEvaluator
{
    private readonly LanguageModel _model;

    /// <summary>Creates an evaluator.</summary>
    /// <param name="model">The model; its parameters are only read.</param>
    public PerplexityEvaluator(LanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
    }

    /// <summary>Most tokens that are run as one batch when blocks are short; blocks are never cut.</summary>
    public int BatchTokens { get; init; } = 8192;

    /// <summary>Perplexity at one block size.</summary>
    /// <param name="documents">The tokens.</param>
    /// <param name="blockSize">Tokens a block, at least 2.</param>
    /// <param name="protocol">Which blocks count and how.</param>
    /// <param name="maximumTokens">Blocks that start beyond this many tokens are left out.</param>
    /// <param name="progress">Told the tokens done and those there are.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="BipeException">No block fits, or a loss is not a number.</exception>
    public PerplexityResult Evaluate(
        IDocumentSource documents, int blockSize, IBlockProtocol protocol, long maximumTokens = long.MaxValue,
        IProgress<(long Done, long Total)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(protocol);
        if (blockSize < 2)
        {
            throw new BipeException($"The block size is {blockSize}; predicting needs at least 2 tokens a block.");
        }

        List<TextBlock> blocks = Limited(protocol.Blocks(documents, blockSize), maximumTokens);
        if (blocks.Count == 0)
        {
            throw new BipeException(
                $"The data has {documents.TokenCount} tokens, too few for one block of {blockSize} under the protocol '{protocol.Name}'; give more data or a smaller block size.");
        }

        long total = blocks.Sum(block => (long)block.Length);
        long done = 0;
        long scored = 0;
        double weightedLoss = 0;
        double weight = 0;
        var watch = Stopwatch.StartNew();
        foreach (IReadOnlyList<TextBlock> batch in Batches(blocks))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach ((double lossSum, int count) in ScoreBatch(documents, batch))
            {
                if (count == 0)
                {
                    continue;
                }

                double blockWeight = protocol.Weight(count);
                weightedLoss += blockWeight * (lossSum / count);
                weight += blockWeight;
                scored += count;
            }

            done += batch.Sum(block => (long)block.Length);
            progress?.Report((done, total));
        }

        return weight == 0
            ? throw new BipeException($"No token of the data can be scored at block size {blockSize}: every label is the padding token.")
            : new PerplexityResult(protocol.Name, blockSize, blocks.Count, scored, weightedLoss / weight, watch.Elapsed.TotalSeconds);
    }

    /// <summary>Loss of predicting each token of one row from those before it.</summary>
    /// <param name="tokens">At least two token ids.</param>
    /// <returns>Losses in nats of tokens 1, 2, ...; one fewer than the tokens.</returns>
    /// <exception cref="BipeException">A loss is not a number.</exception>
    public double[] TokenLosses(ReadOnlySpan<int> tokens)
    {
        double[] losses = Losses(new TokenBatch(tokens.ToArray(), 1));
        RequireFinite(losses, 0);
        return losses[..^1];
    }

    private static List<TextBlock> Limited(IEnumerable<TextBlock> blocks, long maximumTokens)
    {
        var kept = new List<TextBlock>();
        long tokens = 0;
        foreach (TextBlock block in blocks)
        {
            if (tokens >= maximumTokens)
            {
                break;
            }

            kept.Add(block);
            tokens += block.Length;
        }

        return kept;
    }

    private static void RequireFinite(double[] losses, long firstToken)
    {
        int bad = Array.FindIndex(losses, loss => !double.IsFinite(loss));
        if (bad >= 0)
        {
            throw new BipeException(
                $"The loss is {losses[bad]} in the block at token {firstToken}: the model's weights or activations are not finite; check the checkpoint.");
        }
    }

    private IEnumerable<IReadOnlyList<TextBlock>> Batches(List<TextBlock> blocks)
    {
        int at = 0;
        while (at < blocks.Count)
        {
            int rows = 1;
            int most = Math.Max(1, BatchTokens / blocks[at].Length);
            while (rows < most && at + rows < blocks.Count && blocks[at + rows].Length == blocks[at].Length)
            {
                rows++;
            }

            yield return blocks.GetRange(at, rows);
            at += rows;
        }
    }

    private IEnumerable<(double LossSum, int Count)> ScoreBatch(IDocumentSource documents, IReadOnlyList<TextBlock> blocks)
    {
        int length = blocks[0].Length;
        var tokens = new int[blocks.Count * length];
        for (int row = 0; row < blocks.Count; row++)
        {
            documents.Read(blocks[row].Start, tokens.AsSpan(row * length, length));
        }

        var batch = new TokenBatch(tokens, blocks.Count, _model.Config.PadTokenId ?? TokenBatch.IgnoredLabel);
        double[] losses = Losses(batch);
        RequireFinite(losses, blocks[0].Start);
        for (int row = 0; row < blocks.Count; row++)
        {
            double sum = 0;
            int count = 0;
            for (int i = row * length; i < (row + 1) * length; i++)
            {
                if (batch.Labels[i] != TokenBatch.IgnoredLabel)
                {
                    sum += losses[i];
                    count++;
                }
            }

            yield return (sum, count);
        }
    }

    private double[] Losses(TokenBatch batch)
    {
        using var tape = new Tape(_model.Backend, isRecording: false);
        Tensor losses = _model.Losses(tape, batch);
        return _model.Backend.ReadDoubles(losses);
    }
}

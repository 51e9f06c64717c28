using BiPE.Core.Evaluation.Results;

namespace BiPE.Core.Evaluation;

/// <summary>
/// What has been scored of a plan, block by block. It can be taken away in parts and put together again from them:
/// losses by document with the same bits, losses by position the same but for rounding, since parts are summed one by one.
/// </summary>
public sealed class EvaluationTally
{
    private readonly TokenByteCounts? _byteCounts;
    private readonly DocumentLocator _locator;
    private readonly List<int> _block = [];
    private readonly List<long> _document = [];
    private readonly List<int> _tokens = [];
    private readonly List<double> _loss = [];
    private readonly List<long> _bytes = [];
    private readonly PositionTally _positions;
    private readonly PositionTally _newPositions;
    private bool _knowsBytes;
    private int _savedBlocks;
    private int _savedRows;
    private double _savedSeconds;

    /// <summary>Starts a tally.</summary>
    /// <param name="plan">What will be scored.</param>
    /// <param name="byteCounts">Bytes of each token; null if the tokenizer is not known.</param>
    public EvaluationTally(EvaluationPlan plan, TokenByteCounts? byteCounts = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Plan = plan;
        _byteCounts = byteCounts;
        _knowsBytes = byteCounts is not null;
        _locator = new DocumentLocator(plan.Documents);
        _positions = new PositionTally(plan.BlockSize - 1);
        _newPositions = new PositionTally(plan.BlockSize - 1);
    }

    /// <summary>What is scored.</summary>
    public EvaluationPlan Plan { get; }

    /// <summary>Blocks scored.</summary>
    public int BlocksDone { get; private set; }

    /// <summary>Time that took, in seconds.</summary>
    public double Seconds { get; private set; }

    /// <summary>Loss sums by block and document.</summary>
    public LossShares Shares => SharesFrom(0);

    /// <summary>Goes on where a part ended.</summary>
    /// <param name="part">The part that starts at <see cref="BlocksDone"/>.</param>
    /// <exception cref="BipeException">It does not belong to the plan.</exception>
    public void Restore(EvaluationPart part)
    {
        ArgumentNullException.ThrowIfNull(part);
        bool fits = part.FirstBlock == BlocksDone
            && part.BlockCount > 0
            && part.FirstBlock + part.BlockCount <= Plan.Blocks.Count
            && part.Shares.Block.All(block => block >= part.FirstBlock && block < part.FirstBlock + part.BlockCount);
        if (!fits)
        {
            throw new BipeException(
                $"The results file has a part of blocks {part.FirstBlock} to {part.FirstBlock + part.BlockCount - 1}, which does not fit the {Plan.Blocks.Count} blocks of the evaluation; move the file away.");
        }

        _block.AddRange(part.Shares.Block);
        _document.AddRange(part.Shares.Document);
        _tokens.AddRange(part.Shares.Tokens);
        _loss.AddRange(part.Shares.Loss);
        _knowsBytes &= part.Shares.Bytes is not null;
        _bytes.AddRange(part.Shares.Bytes ?? []);
        _positions.Add(part.Positions);
        BlocksDone += part.BlockCount;
        Seconds += part.Seconds;
        MarkSaved();
    }

    /// <summary>What was scored since the last part, as the next one; null if nothing was.</summary>
    /// <param name="key">Identity of the evaluation.</param>
    public EvaluationPart? TakePart(string key)
    {
        if (BlocksDone == _savedBlocks)
        {
            return null;
        }

        var part = new EvaluationPart
        {
            Key = key,
            FirstBlock = _savedBlocks,
            BlockCount = BlocksDone - _savedBlocks,
            Seconds = Seconds - _savedSeconds,
            Positions = _newPositions.ToSums(),
            Shares = SharesFrom(_savedRows),
        };
        MergePositions();
        MarkSaved();
        return part;
    }

    /// <summary>The numbers of what has been scored, without memory.</summary>
    /// <exception cref="BipeException">No token was scored.</exception>
    public EvaluationNumbers ToNumbers()
    {
        LossShares shares = Shares;
        if (shares.Block.Count == 0)
        {
            throw new BipeException($"No token of the data can be scored at block size {Plan.BlockSize}: every label is the padding token.");
        }

        double meanLoss = MeanLoss(shares);
        long? bytes = shares.Bytes?.Sum();
        return new EvaluationNumbers
        {
            Blocks = BlocksDone,
            ScoredTokens = shares.Tokens.Sum(count => (long)count),
            ScoredBytes = bytes,
            MeanLoss = meanLoss,
            Perplexity = Math.Exp(meanLoss),
            BitsPerByte = bytes > 0 ? shares.Loss.Sum() / (bytes.Value * Math.Log(2)) : null,
            Interval = Bootstrap.Interval(DocumentLosses.Of(shares, Plan.Protocol.Weight)),
            Seconds = Seconds,
            TokensPerSecond = Seconds > 0 ? Plan.Blocks.Take(BlocksDone).Sum(block => (long)block.Length) / Seconds : 0,
        };
    }

    /// <summary>Loss by position of what has been scored.</summary>
    public IReadOnlyList<PositionLoss> ToPositions()
    {
        MergePositions();
        return [.. _positions.ToSums().Select(sums => sums.ToLoss())];
    }

    /// <summary>Adds the next block.</summary>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="losses">Element t is the loss in nats of predicting token t + 1.</param>
    /// <param name="paddingToken">Token that is never scored, or a negative number.</param>
    internal void Add(ReadOnlySpan<int> tokens, ReadOnlySpan<double> losses, int paddingToken)
    {
        TextBlock block = Plan.Blocks[BlocksDone];
        int firstRow = _block.Count;
        for (int index = block.FirstScored; index < block.Length; index++)
        {
            if (tokens[index] == paddingToken)
            {
                continue;
            }

            long at = block.Start + index;
            long document = _locator.Find(at);
            if (_block.Count == firstRow || _document[^1] != document)
            {
                OpenRow(document);
            }

            double loss = losses[index - 1];
            _tokens[^1]++;
            _loss[^1] += loss;
            _newPositions.Add(index, loss);
            if (_knowsBytes)
            {
                _bytes[^1] += _byteCounts!.Of(tokens[index], at - Plan.Documents.DocumentStart(document));
            }
        }

        _newPositions.EndBlock();
        BlocksDone++;
    }

    /// <summary>Adds time spent.</summary>
    /// <param name="seconds">Seconds.</param>
    internal void AddTime(double seconds) => Seconds += seconds;

    private void OpenRow(long document)
    {
        _block.Add(BlocksDone);
        _document.Add(document);
        _tokens.Add(0);
        _loss.Add(0);
        if (_knowsBytes)
        {
            _bytes.Add(0);
        }
    }

    private void MarkSaved()
    {
        _savedBlocks = BlocksDone;
        _savedRows = _block.Count;
        _savedSeconds = Seconds;
    }

    private void MergePositions()
    {
        _positions.Add(_newPositions.ToSums());
        _newPositions.Clear();
    }

    private LossShares SharesFrom(int row) =>
        new(_block[row..], _document[row..], _tokens[row..], _loss[row..], _knowsBytes ? _bytes[row..] : null);

    private double MeanLoss(LossShares shares)
    {
        double weightedLoss = 0;
        double weight = 0;
        for (int row = 0; row < shares.Block.Count;)
        {
            int block = shares.Block[row];
            int count = 0;
            double loss = 0;
            for (; row < shares.Block.Count && shares.Block[row] == block; row++)
            {
                count += shares.Tokens[row];
                loss += shares.Loss[row];
            }

            double blockWeight = Plan.Protocol.Weight(count);
            weightedLoss += blockWeight * (loss / count);
            weight += blockWeight;
        }

        return weightedLoss / weight;
    }
}

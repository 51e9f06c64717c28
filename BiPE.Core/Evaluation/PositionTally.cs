using BiPE.Core.Evaluation.Results;

namespace BiPE.Core.Evaluation;

/// <summary>Sums of losses by position, block after block.</summary>
internal sealed class PositionTally
{
    private readonly int[] _starts;
    private readonly int[] _binOf;
    private readonly PositionSums?[] _sums;
    private readonly double[] _blockLoss;
    private readonly int[] _blockTokens;

    /// <summary>Starts with no sums.</summary>
    /// <param name="largest">Largest position.</param>
    public PositionTally(int largest)
    {
        _starts = PositionBins.Starts(largest);
        _binOf = new int[largest + 1];
        for (int position = 1, bin = 0; position <= largest; position++)
        {
            bin += bin + 1 < _starts.Length && position == _starts[bin + 1] ? 1 : 0;
            _binOf[position] = bin;
        }

        _sums = new PositionSums?[_starts.Length];
        _blockLoss = new double[_starts.Length];
        _blockTokens = new int[_starts.Length];
    }

    /// <summary>Adds a prediction of the current block.</summary>
    /// <param name="position">Its position, from 1.</param>
    /// <param name="loss">Its loss.</param>
    public void Add(int position, double loss)
    {
        int bin = _binOf[position];
        _blockLoss[bin] += loss;
        _blockTokens[bin]++;
    }

    /// <summary>Ends the current block.</summary>
    public void EndBlock()
    {
        for (int bin = 0; bin < _starts.Length; bin++)
        {
            if (_blockTokens[bin] > 0)
            {
                double loss = _blockLoss[bin];
                double tokens = _blockTokens[bin];
                int last = Math.Min(_starts[bin] + PositionBins.WidthAt(_starts[bin]), _binOf.Length) - 1;
                Add(bin, new PositionSums(_starts[bin], last, 1, _blockTokens[bin], loss, loss * loss, loss * tokens, tokens * tokens));
                _blockLoss[bin] = 0;
                _blockTokens[bin] = 0;
            }
        }
    }

    /// <summary>Adds sums of other blocks.</summary>
    /// <param name="sums">Sums of the same bins.</param>
    /// <exception cref="BipeException">There is no such bin.</exception>
    public void Add(IEnumerable<PositionSums> sums)
    {
        foreach (PositionSums other in sums)
        {
            int bin = other.First > 0 && other.First < _binOf.Length ? _binOf[other.First] : -1;
            if (bin < 0 || _starts[bin] != other.First)
            {
                throw new BipeException($"The results file has losses of positions {other.First} to {other.Last}, which the evaluation does not tell apart; move the file away.");
            }

            Add(bin, other);
        }
    }

    /// <summary>The sums of all bins with predictions, positions ascending.</summary>
    public IReadOnlyList<PositionSums> ToSums() => [.. _sums.OfType<PositionSums>()];

    /// <summary>Forgets all sums.</summary>
    public void Clear() => Array.Clear(_sums);

    private void Add(int bin, PositionSums sums) => _sums[bin] = _sums[bin]?.Plus(sums) ?? sums;
}

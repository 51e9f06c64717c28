using BiPE.Core.Evaluation.Results;

namespace BiPE.Core.Evaluation;

/// <summary>
/// Loss sums by document, weighted so that the sum of all losses over the sum of all weights is the mean loss of the protocol.
/// </summary>
/// <param name="Documents">Numbers of the documents with scored tokens, ascending.</param>
/// <param name="Losses">Sum of the weighted losses of each, in nats.</param>
/// <param name="Weights">Sum of the weights of each.</param>
public sealed record DocumentLosses(IReadOnlyList<long> Documents, IReadOnlyList<double> Losses, IReadOnlyList<double> Weights)
{
    /// <summary>Sum of losses over sum of weights.</summary>
    public double Mean => Losses.Sum() / Weights.Sum();

    /// <summary>Adds shares up by document.</summary>
    /// <param name="shares">Loss sums by block and document.</param>
    /// <param name="weight">Weight of a block's mean loss by the number of tokens scored in it.</param>
    public static DocumentLosses Of(LossShares shares, Func<int, double> weight)
    {
        ArgumentNullException.ThrowIfNull(shares);
        ArgumentNullException.ThrowIfNull(weight);
        var scored = new Dictionary<int, int>();
        for (int row = 0; row < shares.Block.Count; row++)
        {
            scored[shares.Block[row]] = scored.GetValueOrDefault(shares.Block[row]) + shares.Tokens[row];
        }

        var sums = new SortedDictionary<long, (double Loss, double Weight)>();
        for (int row = 0; row < shares.Block.Count; row++)
        {
            int count = scored[shares.Block[row]];
            double tokenWeight = weight(count) / count;
            (double loss, double total) = sums.GetValueOrDefault(shares.Document[row]);
            sums[shares.Document[row]] = (loss + (tokenWeight * shares.Loss[row]), total + (tokenWeight * shares.Tokens[row]));
        }

        return new DocumentLosses([.. sums.Keys], [.. sums.Values.Select(sum => sum.Loss)], [.. sums.Values.Select(sum => sum.Weight)]);
    }

    /// <summary>Adds the shares of a finished evaluation up by document, weighted by its protocol.</summary>
    /// <param name="record">The evaluation.</param>
    public static DocumentLosses Of(EvaluationRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        bool countsBlocksAlike = record.Settings.Protocol == new ReferenceProtocol().Name;
        return Of(record.Shares, countsBlocksAlike ? _ => 1 : scored => scored);
    }
}

using BiPE.Core.Tensors;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// Scores of some queries and keys, stored transposed, <c>[keys, lanes]</c>: queries are the vectors' lanes. So keys and values
/// are read as they lie, nothing but the queries is packed, and sums over keys are sums of vectors. Lanes beyond the last query
/// repeat its mask and positions.
/// </summary>
internal unsafe struct AttentionTile<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    /// <summary>Keys of a tile.</summary>
    public const int KeyBlock = 64;

    private const int MostLanes = 48;

    /// <summary>Queries of the tile.</summary>
    public nint Queries;

    /// <summary>The queries' lanes, whole vectors.</summary>
    public nint Lanes;

    /// <summary>First key that any of the queries sees, and one past the last.</summary>
    public nint FirstKey;
    public nint EndKey;

    private nint _batch;
    private nint _head;
    private nint _firstToken;
    private float* _first;
    private float* _last;
    private float* _positions;

    /// <summary>Scratch elements that the tile's own arrays take.</summary>
    public static nint ScratchLength(nint lanes) => 3 * lanes;

    /// <summary>Lanes for a number of queries a row.</summary>
    public static nint LanesFor(nint queryCount) =>
        Math.Min(Math.Max(MostLanes, TSimd.Width), (Math.Max(1, queryCount) + TSimd.Width - 1) / TSimd.Width * TSimd.Width);

    /// <summary>Sets the tile to some queries.</summary>
    /// <param name="operands">Attention's operands.</param>
    /// <param name="scratch">Memory of <see cref="ScratchLength"/> elements.</param>
    /// <param name="batch">Row of the batch.</param>
    /// <param name="head">Query head.</param>
    /// <param name="firstQuery">First query.</param>
    /// <param name="lanes">Lanes of the tile.</param>
    public static AttentionTile<TSimd, TVector> Create(
        in AttentionOperands operands, float* scratch, nint batch, nint head, nint firstQuery, nint lanes)
    {
        nint queries = Math.Min(lanes, operands.QueryCount - firstQuery);
        nint firstToken = firstQuery + operands.KeyCount - operands.QueryCount;
        var tile = new AttentionTile<TSimd, TVector>
        {
            Queries = queries,
            Lanes = lanes,
            FirstKey = operands.FirstKey(batch, firstToken),
            EndKey = firstToken + queries,
            _batch = batch,
            _head = head,
            _firstToken = firstToken,
            _first = scratch,
            _last = scratch + lanes,
            _positions = scratch + (2 * lanes),
        };
        for (nint lane = 0; lane < lanes; lane++)
        {
            nint token = tile.TokenOf(lane);
            tile._first[lane] = operands.FirstKey(batch, token);
            tile._last[lane] = token;
            tile._positions[lane] = operands.BiasKind is null ? 0 : tile.RelativePosition(operands, token);
        }

        return tile;
    }

    /// <summary>Whether some query does not see some of these keys.</summary>
    public readonly bool IsMasked(nint firstKey, nint keys) => firstKey + keys - 1 > _firstToken || _first[Lanes - 1] > firstKey;

    /// <summary>Lanes of the mask of one key: set where the query sees it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="lane">First lane of the vector.</param>
    public readonly TVector Sees(nint key, nint lane)
    {
        TVector index = TSimd.Broadcast(key);
        return TSimd.And(TSimd.LessThanOrEqual(TSimd.Load(_first + lane), index), TSimd.LessThanOrEqual(index, TSimd.Load(_last + lane)));
    }

    /// <summary>Adds the bias to scores.</summary>
    /// <param name="operands">Attention's operands, with a bias.</param>
    /// <param name="scores"><c>[keys, lanes]</c>.</param>
    /// <param name="firstKey">First key.</param>
    /// <param name="keys">How many.</param>
    public readonly void AddBias(in AttentionOperands operands, float* scores, nint firstKey, nint keys)
    {
        if (operands.BiasKind == AttentionBiasKind.PerKey)
        {
            TVector slope = TSimd.Broadcast(operands.BiasTable[_head]);
            for (nint key = 0; key < keys; key++)
            {
                TVector position = TSimd.Broadcast(RelativePosition(operands, firstKey + key));
                for (nint lane = 0; lane < Lanes; lane += TSimd.Width)
                {
                    float* score = scores + (key * Lanes) + lane;
                    TVector distance = TSimd.Subtract(position, TSimd.Load(_positions + lane));
                    TSimd.Store(score, TSimd.MultiplyAdd(slope, distance, TSimd.Load(score)));
                }
            }

            return;
        }

        float* table = operands.BiasTable + (_head * operands.BiasTableLength);
        for (nint key = 0; key < keys; key++)
        {
            for (nint lane = 0; lane < Queries; lane++)
            {
                nint index = BiasIndex(operands, lane, firstKey + key);
                if (index >= 0)
                {
                    scores[(key * Lanes) + lane] += table[index];
                }
            }
        }
    }

    /// <summary>Adds gradients of scores to the gradient of one head's bias table.</summary>
    /// <param name="operands">Attention's operands, with a table.</param>
    /// <param name="tableGradient">One head's table.</param>
    /// <param name="scoreGradient"><c>[keys, lanes]</c>, 0 where masked.</param>
    /// <param name="firstKey">First key.</param>
    /// <param name="keys">How many.</param>
    public readonly void AddToTable(in AttentionOperands operands, float* tableGradient, float* scoreGradient, nint firstKey, nint keys)
    {
        for (nint key = 0; key < keys; key++)
        {
            for (nint lane = 0; lane < Queries; lane++)
            {
                nint index = BiasIndex(operands, lane, firstKey + key);
                if (index >= 0)
                {
                    tableGradient[index] += scoreGradient[(key * Lanes) + lane];
                }
            }
        }
    }

    private readonly nint TokenOf(nint lane) => _firstToken + Math.Min(lane, Queries - 1);

    /// <summary>Position less that of the tile's first query: small, so exact in float32.</summary>
    private readonly float RelativePosition(in AttentionOperands operands, nint token)
    {
        int* positions = operands.Positions + (_batch * operands.KeyCount);
        return positions[token] - positions[_firstToken];
    }

    /// <summary>Element of one head's table, or -1 for a pair that the mask hides.</summary>
    private readonly nint BiasIndex(in AttentionOperands operands, nint lane, nint key)
    {
        if (key > _last[lane] || key < _first[lane])
        {
            return -1;
        }

        int* positions = operands.Positions + (_batch * operands.KeyCount);
        nint from = positions[TokenOf(lane)];
        nint to = positions[key];
        return operands.BiasKind == AttentionBiasKind.PerDistance ? from - to : (from * operands.BiasExtent) + to;
    }
}

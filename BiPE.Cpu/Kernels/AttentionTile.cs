using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// Scores of some queries and keys, stored transposed, <c>[keys, lanes]</c>: queries are the vectors' lanes. So keys and values
/// are read as they lie, nothing but the queries is packed, and sums over keys are sums of vectors. Lanes beyond the last query
/// repeat its mask.
/// </summary>
internal unsafe struct AttentionTile<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    /// <summary>Keys of a tile.</summary>
    public const int KeyBlock = 64;

    private const int LaneLimit = 48;
    private const int GroupsPerWorker = 8;

    // On the diagonal so many lanes at a time stop seeing keys: a vector, or what fills the widest tiles of narrow vectors.
    private static int DiagonalLanes => TileProduct<TSimd, TVector>.HasPairs ? TSimd.Width : LaneLimit / 2;

    /// <summary>First query of the tile, and how many it has.</summary>
    public nint FirstQuery;
    public nint Queries;

    /// <summary>The queries' lanes, whole vectors.</summary>
    public nint Lanes;

    /// <summary>First key that any of the queries sees, and one past the last.</summary>
    public nint FirstKey;
    public nint EndKey;

    /// <summary>Biases of the tile's scores, if there are any.</summary>
    public AttentionBiasRows<TSimd, TVector> Bias;

    private nint _firstToken;
    private float* _first;
    private float* _last;

    /// <summary>Scratch elements that the tile's own arrays take.</summary>
    public static nint ScratchLength(nint lanes) => (2 * lanes) + AttentionBiasRows<TSimd, TVector>.ScratchLength(lanes);

    /// <summary>Lanes of all tiles but the last ones, which may have fewer, for a number of queries a row.</summary>
    public static nint MostLanesFor(nint queryCount) => Math.Min(Math.Max(LaneLimit, TSimd.Width), WholeVectors(Math.Max(1, queryCount)));

    /// <summary>Tiles for a number of queries a row.</summary>
    public static int CountFor(nint queryCount) => KernelContext.Chunks(queryCount, MostLanesFor(queryCount));

    /// <summary>Tiles that share blocks of keys: several, unless workers would have nothing to do. Results do not depend on it.</summary>
    /// <param name="tiles">Tiles of all heads and rows.</param>
    /// <param name="workers">Number of workers.</param>
    /// <param name="most">Most tiles that may share.</param>
    public static int GroupSize(nint tiles, int workers, int most) =>
        (int)Math.Clamp(workers == 1 ? most : tiles / (GroupsPerWorker * workers), 1, most);

    /// <summary>Sets the tile to some queries.</summary>
    /// <param name="operands">Attention's operands.</param>
    /// <param name="scratch">Memory of <see cref="ScratchLength"/> elements.</param>
    /// <param name="batch">Row of the batch.</param>
    /// <param name="head">Query head.</param>
    /// <param name="index">Which tile of the row.</param>
    public static AttentionTile<TSimd, TVector> Create(in AttentionOperands operands, float* scratch, nint batch, nint head, nint index)
    {
        nint firstQuery = FirstQueryOf(index, operands.QueryCount);
        nint queries = FirstQueryOf(index + 1, operands.QueryCount) - firstQuery;
        nint lanes = WholeVectors(queries);
        nint firstToken = firstQuery + operands.KeyCount - operands.QueryCount;
        var tile = new AttentionTile<TSimd, TVector>
        {
            FirstQuery = firstQuery,
            Queries = queries,
            Lanes = lanes,
            FirstKey = operands.FirstKey(batch, firstToken),
            EndKey = firstToken + queries,
            _firstToken = firstToken,
            _first = scratch,
            _last = scratch + lanes,
        };
        for (nint lane = 0; lane < lanes; lane++)
        {
            nint token = tile.TokenOf(lane);
            tile._first[lane] = operands.FirstKey(batch, token);
            tile._last[lane] = token;
        }

        if (operands.BiasKind is not null)
        {
            tile.Bias = new AttentionBiasRows<TSimd, TVector>(operands, scratch + (2 * lanes), batch, head, firstToken, queries, lanes);
        }

        return tile;
    }

    /// <summary>First key of the block that holds the first key. Blocks start at multiples of their size, so that a sum's order depends on nothing else.</summary>
    public readonly nint FirstBlock => FirstKey / KeyBlock * KeyBlock;

    /// <summary>Keys of a block up to the last that the tile sees; 0 or less if it sees none.</summary>
    /// <param name="block">First key of the block.</param>
    public readonly nint KeysOf(nint block) => block + KeyBlock <= FirstKey ? 0 : Math.Min(KeyBlock, EndKey - block);

    /// <summary>
    /// The next part of a block of keys that is computed for the same lanes: those before the first one lie behind the diagonal, see none of the
    /// part's keys, and are left out of all products.
    /// </summary>
    /// <param name="firstKey">First key of the part.</param>
    /// <param name="keys">Keys left in the block.</param>
    /// <returns>The first lane, and how many keys.</returns>
    public readonly (nint FirstLane, nint Keys) Part(nint firstKey, nint keys)
    {
        nint lane = Math.Max(0, (firstKey - _firstToken) / DiagonalLanes * DiagonalLanes);
        return (lane, Math.Min(keys, _firstToken + lane + DiagonalLanes - firstKey));
    }

    /// <summary>How many of a block's keys are in parts that are computed for a lane.</summary>
    /// <param name="firstKey">First key of the block.</param>
    /// <param name="keys">Keys of the block.</param>
    /// <param name="lane">The lane.</param>
    public readonly nint KeysFor(nint firstKey, nint keys, nint lane) =>
        Math.Clamp(_firstToken + (((lane / DiagonalLanes) + 1) * DiagonalLanes) - firstKey, 0, keys);

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

    private static nint WholeVectors(nint queries) => (queries + TSimd.Width - 1) / TSimd.Width * TSimd.Width;

    /// <summary>
    /// First query of a tile, or the number of queries for the one behind the last. Products with a single vector of queries are slow, so where there
    /// are tiles of two a last one that would have no more takes another from the tile before.
    /// </summary>
    private static nint FirstQueryOf(nint index, nint queryCount)
    {
        nint lanes = MostLanesFor(queryCount);
        nint last = CountFor(queryCount) - 1;
        bool takesVector = TileProduct<TSimd, TVector>.HasPairs && last > 0 && queryCount - (last * lanes) <= TSimd.Width;
        return Math.Min((index * lanes) - (takesVector && index == last ? TSimd.Width : 0), queryCount);
    }

    private readonly nint TokenOf(nint lane) => _firstToken + Math.Min(lane, Queries - 1);
}

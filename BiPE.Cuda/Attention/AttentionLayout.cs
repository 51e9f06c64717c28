using BiPE.Core.Tensors;
using BiPE.Cuda.Kernels;

namespace BiPE.Cuda.Attention;

/// <summary>Where queries, keys and values lie, packed or cached alike, and how queries are cut into blocks.</summary>
internal sealed class AttentionLayout
{
    // Scores and weights of a block pass through the device's cache or memory once a product; a larger block costs more memory
    // and computes more of what the causal mask throws away, a smaller one starts more kernels.
    private const long BlockBytes = 96L << 20;
    private const int MostQueries = 512;

    /// <summary>Reads the layout off an operation's arguments.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="backward">Whether two matrices of scores are held at once.</param>
    public AttentionLayout(AttentionArguments arguments, bool backward)
    {
        Arguments = arguments;
        int size = arguments.HeadDimension;
        int heads = arguments.HeadCount;
        int shared = arguments.KeyValueHeadCount;
        QueryRow = (arguments.IsPacked ? heads + (2 * shared) : heads) * size;
        KeyRow = (arguments.IsPacked ? heads + (2 * shared) : shared) * size;
        Keys = arguments.Keys ?? arguments.Query;
        Values = arguments.Values ?? arguments.Query;
        FirstKeyColumn = arguments.IsPacked ? heads * size : 0;
        FirstValueColumn = arguments.IsPacked ? (heads + shared) * size : 0;
        EarlierKeys = arguments.KeyCount - arguments.QueryCount;
        MostStride = StrideOf(arguments.KeyCount);
        int elementBytes = arguments.Query.Type.ByteSize();
        int narrow = elementBytes < sizeof(float) ? elementBytes : 0;
        long bytesOfQuery = (long)heads * MostStride * (sizeof(float) + narrow) * (backward ? 2 : 1);
        QueriesOfBlock = (int)Math.Clamp(BlockBytes / Math.Max(bytesOfQuery, 1), 1, Math.Min(MostQueries, Math.Max(1, arguments.QueryCount)));
    }

    public AttentionArguments Arguments { get; }

    public Tensor Keys { get; }

    public Tensor Values { get; }

    /// <summary>Elements from one query to the next.</summary>
    public int QueryRow { get; }

    /// <summary>Elements from one key to the next, and from one value to the next.</summary>
    public int KeyRow { get; }

    /// <summary>Where a row's keys start.</summary>
    public int FirstKeyColumn { get; }

    /// <summary>Where a row's values start.</summary>
    public int FirstValueColumn { get; }

    /// <summary>Keys before the first query's own.</summary>
    public int EarlierKeys { get; }

    /// <summary>Queries of a block; the last one may have fewer.</summary>
    public int QueriesOfBlock { get; }

    /// <summary>Row length of the largest block's scores.</summary>
    public int MostStride { get; }

    /// <summary>Query heads that share a key head.</summary>
    public int HeadsOfKey => Arguments.HeadCount / Arguments.KeyValueHeadCount;

    /// <summary>Elements of a block's scores at most.</summary>
    public long MostScores => (long)Arguments.HeadCount * QueriesOfBlock * MostStride;

    /// <summary>Row length for a number of keys: whole octets, so that every row starts at a multiple of 16 bytes.</summary>
    /// <param name="keys">Keys.</param>
    public static int StrideOf(int keys) => (keys + Octet.Length - 1) / Octet.Length * Octet.Length;
}

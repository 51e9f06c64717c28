using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// Softmax attention in tiles (Dao et al. 2022, arXiv 2205.14135; the running maximum and sum are those of Milakov and Gimelshein
/// 2018, arXiv 1805.02867). A chunk is a few tiles of queries of one head, which share each block of keys and values once it
/// has been copied together. A head's chunks follow each other, so that its keys and values stay in caches; longer ones, at the end of
/// a row, come first.
/// </summary>
internal static unsafe class AttentionForward<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    // Queries and outputs of so many tiles, which share blocks of keys, take 200 KB of a core's own cache.
    private const int MostTilesOfGroup = 8;

    /// <summary>Computes attention.</summary>
    /// <param name="context">Threads and scratch memory.</param>
    /// <param name="destination"><c>[batch, queries, heads, size]</c>.</param>
    /// <param name="logSumExp"><c>[batch, heads, queries]</c>.</param>
    /// <param name="operands">What attention reads.</param>
    public static void Compute(KernelContext context, float* destination, float* logSumExp, in AttentionOperands operands)
    {
        nint lanes = AttentionTile<TSimd, TVector>.MostLanesFor(operands.QueryCount);
        int tiles = AttentionTile<TSimd, TVector>.CountFor(operands.QueryCount);
        nint rows = operands.Batch * operands.Heads;
        int group = AttentionTile<TSimd, TVector>.GroupSize(rows * tiles, context.Workers.WorkerCount, MostTilesOfGroup);
        var job = new Job
        {
            Operands = operands,
            Destination = destination,
            LogSumExp = logSumExp,
            MostLanes = lanes,
            Group = group,
        };
        job.Scratch = context.Scratch.PerWorker(
            AttentionKeyBlock<TSimd, TVector>.ScratchLength(operands.Size) + (AttentionTile<TSimd, TVector>.KeyBlock * lanes) + (group * job.TileLength));
        context.Workers.Run(checked((int)(rows * KernelContext.Chunks(tiles, group))), job);
    }

    private struct Job : IJob
    {
        public AttentionOperands Operands;
        public float* Destination;
        public float* LogSumExp;
        public nint MostLanes;
        public int Group;
        public WorkerScratch Scratch;

        /// <summary>Elements that a tile keeps while the keys pass: queries and output, maximum and sum, and its own arrays.</summary>
        public readonly nint TileLength => (2 * (Operands.Size + 1) * MostLanes) + AttentionTile<TSimd, TVector>.ScratchLength(MostLanes);

        public readonly void Execute(int chunk, int worker)
        {
            int tilesOfRow = AttentionTile<TSimd, TVector>.CountFor(Operands.QueryCount);
            int groups = KernelContext.Chunks(tilesOfRow, Group);
            nint batch = chunk / groups / Operands.Heads;
            nint head = chunk / groups % Operands.Heads;
            int firstTile = (groups - 1 - (chunk % groups)) * Group;
            int count = Math.Min(Group, tilesOfRow - firstTile);
            nint keyValueHead = head / (Operands.Heads / Operands.KeyValueHeads);

            AttentionTile<TSimd, TVector>* tiles = stackalloc AttentionTile<TSimd, TVector>[count];
            var block = new AttentionKeyBlock<TSimd, TVector>(Operands, Scratch[worker], batch, keyValueHead);
            float* scores = Scratch[worker] + AttentionKeyBlock<TSimd, TVector>.ScratchLength(Operands.Size);   // [keys, lanes]
            float* states = scores + (AttentionTile<TSimd, TVector>.KeyBlock * MostLanes);
            for (int i = 0; i < count; i++)
            {
                tiles[i] = Begin(states + (i * TileLength), batch, head, firstTile + i);
            }

            for (nint key = tiles[0].FirstBlock; key < tiles[count - 1].EndKey; key += AttentionTile<TSimd, TVector>.KeyBlock)
            {
                block.Load(key, tiles[count - 1].EndKey);
                for (int i = 0; i < count; i++)
                {
                    block.Prefetch(key + AttentionTile<TSimd, TVector>.KeyBlock, tiles[count - 1].EndKey, i, count);
                    nint keys = tiles[i].KeysOf(key);
                    if (keys > 0)
                    {
                        Attend(tiles[i], block, key, keys, scores, states + (i * TileLength));
                    }
                }
            }

            for (int i = 0; i < count; i++)
            {
                Write(tiles[i], batch, head, states + (i * TileLength));
            }
        }

        private readonly float* OutputOf(float* state) => state + (Operands.Size * MostLanes);     // [size, lanes]

        private readonly float* MaximumOf(float* state) => state + (2 * Operands.Size * MostLanes);

        private readonly float* SumOf(float* state) => MaximumOf(state) + MostLanes;

        private readonly AttentionTile<TSimd, TVector> Begin(float* state, nint batch, nint head, nint index)
        {
            nint size = Operands.Size;
            AttentionTile<TSimd, TVector> tile = AttentionTile<TSimd, TVector>.Create(Operands, SumOf(state) + MostLanes, batch, head, index);
            float* queries = state;                                                            // [size, lanes]
            MatMulPacking.Pack(
                queries, tile.Lanes * size, Operands.QueryAt(batch, tile.FirstQuery, head), tile.Queries, tile.Lanes, size, Operands.QueryStride,
                innerStride: 1);
            new Span<float>(OutputOf(state), checked((int)(size * tile.Lanes))).Clear();
            new Span<float>(MaximumOf(state), (int)tile.Lanes).Fill(float.NegativeInfinity);
            new Span<float>(SumOf(state), (int)tile.Lanes).Clear();
            return tile;
        }

        private readonly void Attend(
            in AttentionTile<TSimd, TVector> tile, in AttentionKeyBlock<TSimd, TVector> block, nint key, nint keys, float* scores, float* state)
        {
            nint size = Operands.Size;
            nint lanes = tile.Lanes;
            if (Operands.BiasKind is not null)
            {
                tile.Bias.Write(scores, key, keys);
            }

            for (nint first = 0; first < keys;)
            {
                (nint lane, nint count) = tile.Part(key + first, keys - first);
                TileProduct<TSimd, TVector>.Multiply(
                    count, lanes - lane, size, block.Keys + (first * size), size, 1, state + lane, lanes, scores + (first * lanes) + lane, lanes,
                    Operands.Scale, accumulate: Operands.BiasKind is not null);
                first += count;
            }

            Softmax(tile, scores, key, keys, MaximumOf(state), SumOf(state), OutputOf(state));
            for (nint first = 0; first < keys;)
            {
                (nint lane, nint count) = tile.Part(key + first, keys - first);
                TileProduct<TSimd, TVector>.Multiply(
                    size, lanes - lane, count, block.Values + (first * size), 1, size, scores + (first * lanes) + lane, lanes,
                    OutputOf(state) + lane, lanes, 1, accumulate: true);
                first += count;
            }
        }

        /// <summary>Scores become weights relative to the running maximum; what was summed before is scaled down to it.</summary>
        private readonly void Softmax(
            in AttentionTile<TSimd, TVector> tile, float* scores, nint firstKey, nint keys, float* maximum, float* sum, float* output)
        {
            bool masked = tile.IsMasked(firstKey, keys);
            TVector hidden = TSimd.Broadcast(float.NegativeInfinity);
            nint lanes = tile.Lanes;
            for (nint lane = 0; lane < lanes; lane += TSimd.Width)
            {
                nint seen = tile.KeysFor(firstKey, keys, lane);
                TVector before = TSimd.Load(maximum + lane);
                TVector largest = before;
                for (nint key = 0; key < seen; key++)
                {
                    float* at = scores + (key * lanes) + lane;
                    TVector score = TSimd.Load(at);
                    if (masked)
                    {
                        score = TSimd.Select(tile.Sees(firstKey + key, lane), score, hidden);
                        TSimd.Store(at, score);
                    }

                    largest = TSimd.Maximum(largest, score);
                }

                // A query that has seen no key yet has no maximum; any finite number keeps its weights at 0.
                TVector shift = TSimd.Select(TSimd.Equal(largest, hidden), TSimd.Zero, largest);
                TVector total = TSimd.Zero;
                for (nint key = 0; key < seen; key++)
                {
                    float* at = scores + (key * lanes) + lane;
                    TVector weight = VectorMath<TSimd, TVector>.ExpOfNonPositive(TSimd.Subtract(TSimd.Load(at), shift));
                    total = TSimd.Add(total, weight);
                    TSimd.Store(at, weight);
                }

                // Mostly the maximum was there before, and what was summed stays as it is. Lanes are compared, not subtracted: a query that
                // has seen no key yet, or no query at all, would give NaN, which may hide another lane's growth.
                if (TSimd.Largest(TSimd.Select(TSimd.Equal(largest, before), TSimd.Zero, TSimd.Broadcast(1f))) == 0)
                {
                    TSimd.Store(sum + lane, TSimd.Add(TSimd.Load(sum + lane), total));
                    continue;
                }

                TVector correction = VectorMath<TSimd, TVector>.ExpOfNonPositive(TSimd.Subtract(before, shift));
                TSimd.Store(maximum + lane, largest);
                TSimd.Store(sum + lane, TSimd.MultiplyAdd(TSimd.Load(sum + lane), correction, total));
                for (nint i = 0; i < Operands.Size; i++)
                {
                    float* at = output + (i * lanes) + lane;
                    TSimd.Store(at, TSimd.Multiply(TSimd.Load(at), correction));
                }
            }
        }

        private readonly void Write(in AttentionTile<TSimd, TVector> tile, nint batch, nint head, float* state)
        {
            nint size = Operands.Size;
            nint lanes = tile.Lanes;
            float* output = OutputOf(state);
            float* maximum = MaximumOf(state);
            float* sum = SumOf(state);
            for (nint lane = 0; lane < lanes; lane += TSimd.Width)
            {
                TVector inverse = TSimd.Divide(TSimd.Broadcast(1f), TSimd.Load(sum + lane));
                for (nint i = 0; i < size; i++)
                {
                    float* at = output + (i * lanes) + lane;
                    TSimd.Store(at, TSimd.Multiply(TSimd.Load(at), inverse));
                }
            }

            nint row = Operands.Heads * size;
            float* target = Destination + (((batch * Operands.QueryCount) + tile.FirstQuery) * row) + (head * size);
            MatMulPacking.Transpose(target, row, output, lanes, size, tile.Queries);
            float* statistics = LogSumExp + (((batch * Operands.Heads) + head) * Operands.QueryCount) + tile.FirstQuery;
            for (nint query = 0; query < tile.Queries; query++)
            {
                statistics[query] = (float)(maximum[query] + Math.Log(sum[query]));
            }
        }
    }
}

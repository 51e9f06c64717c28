using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// Softmax attention in tiles (Dao et al. 2022, arXiv 2205.14135; the running maximum and sum are those of Milakov and Gimelshein
/// 2018, arXiv 1805.02867). A chunk is one tile of queries of one head. A head's chunks follow each other, so that its keys and
/// values stay in caches; longer ones, at the end of a row, come first.
/// </summary>
internal static unsafe class AttentionForward<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    /// <summary>Computes attention.</summary>
    /// <param name="context">Threads and scratch memory.</param>
    /// <param name="destination"><c>[batch, queries, heads, size]</c>.</param>
    /// <param name="logSumExp"><c>[batch, heads, queries]</c>.</param>
    /// <param name="operands">What attention reads.</param>
    public static void Compute(KernelContext context, float* destination, float* logSumExp, in AttentionOperands operands)
    {
        nint lanes = AttentionTile<TSimd, TVector>.LanesFor(operands.QueryCount);
        int tiles = KernelContext.Chunks(operands.QueryCount, lanes);
        context.Workers.Run(checked((int)(operands.Batch * operands.Heads * tiles)), new Job
        {
            Operands = operands,
            Destination = destination,
            LogSumExp = logSumExp,
            Lanes = lanes,
            Scratch = context.Scratch.PerWorker(
                AttentionTile<TSimd, TVector>.ScratchLength(lanes)
                + (((2 * operands.Size) + AttentionTile<TSimd, TVector>.KeyBlock + 2) * lanes)),
        });
    }

    private struct Job : IJob
    {
        public AttentionOperands Operands;
        public float* Destination;
        public float* LogSumExp;
        public nint Lanes;
        public WorkerScratch Scratch;

        public readonly void Execute(int chunk, int worker)
        {
            nint tiles = (Operands.QueryCount + Lanes - 1) / Lanes;
            nint batch = chunk / tiles / Operands.Heads;
            nint head = chunk / tiles % Operands.Heads;
            nint firstQuery = (tiles - 1 - (chunk % tiles)) * Lanes;
            nint size = Operands.Size;

            float* queries = Scratch[worker];               // [size, lanes]
            float* output = queries + (size * Lanes);       // [size, lanes]
            float* scores = output + (size * Lanes);        // [keys, lanes]
            float* maximum = scores + (AttentionTile<TSimd, TVector>.KeyBlock * Lanes);
            float* sum = maximum + Lanes;
            AttentionTile<TSimd, TVector> tile = AttentionTile<TSimd, TVector>.Create(Operands, sum + Lanes, batch, head, firstQuery, Lanes);

            MatMulPacking.Pack(
                queries, Operands.QueryAt(batch, firstQuery, head), tile.Queries, Lanes, size, Operands.QueryStride, innerStride: 1);
            new Span<float>(output, checked((int)(size * Lanes))).Clear();
            new Span<float>(maximum, (int)Lanes).Fill(float.NegativeInfinity);
            new Span<float>(sum, (int)Lanes).Clear();

            nint keyValueHead = head / (Operands.Heads / Operands.KeyValueHeads);
            for (nint key = tile.FirstKey; key < tile.EndKey; key += AttentionTile<TSimd, TVector>.KeyBlock)
            {
                nint keys = Math.Min(AttentionTile<TSimd, TVector>.KeyBlock, tile.EndKey - key);
                nint offset = Operands.KeyOffset(batch, key, keyValueHead);
                TileProduct<TSimd, TVector>.Multiply(
                    keys, Lanes, size, Operands.Key + offset, Operands.KeyStride, 1, queries, Lanes, scores, Lanes, Operands.Scale, accumulate: false);
                if (Operands.BiasKind is not null)
                {
                    tile.AddBias(Operands, scores, key, keys);
                }

                Softmax(tile, scores, key, keys, maximum, sum, output);
                TileProduct<TSimd, TVector>.Multiply(
                    size, Lanes, keys, Operands.Value + offset, 1, Operands.KeyStride, scores, Lanes, output, Lanes, 1, accumulate: true);
            }

            Write(tile, batch, head, firstQuery, output, maximum, sum);
        }

        /// <summary>Scores become weights relative to the running maximum; what was summed before is scaled down to it.</summary>
        private readonly void Softmax(
            in AttentionTile<TSimd, TVector> tile, float* scores, nint firstKey, nint keys, float* maximum, float* sum, float* output)
        {
            bool masked = tile.IsMasked(firstKey, keys);
            TVector hidden = TSimd.Broadcast(float.NegativeInfinity);
            for (nint lane = 0; lane < Lanes; lane += TSimd.Width)
            {
                TVector before = TSimd.Load(maximum + lane);
                TVector largest = before;
                for (nint key = 0; key < keys; key++)
                {
                    float* at = scores + (key * Lanes) + lane;
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
                for (nint key = 0; key < keys; key++)
                {
                    float* at = scores + (key * Lanes) + lane;
                    TVector weight = VectorMath<TSimd, TVector>.Exp(TSimd.Subtract(TSimd.Load(at), shift));
                    total = TSimd.Add(total, weight);
                    TSimd.Store(at, weight);
                }

                TVector correction = VectorMath<TSimd, TVector>.Exp(TSimd.Subtract(before, shift));
                TSimd.Store(maximum + lane, largest);
                TSimd.Store(sum + lane, TSimd.MultiplyAdd(TSimd.Load(sum + lane), correction, total));
                for (nint i = 0; i < Operands.Size; i++)
                {
                    float* at = output + (i * Lanes) + lane;
                    TSimd.Store(at, TSimd.Multiply(TSimd.Load(at), correction));
                }
            }
        }

        private readonly void Write(
            in AttentionTile<TSimd, TVector> tile, nint batch, nint head, nint firstQuery, float* output, float* maximum, float* sum)
        {
            nint size = Operands.Size;
            for (nint lane = 0; lane < Lanes; lane += TSimd.Width)
            {
                TVector inverse = TSimd.Divide(TSimd.Broadcast(1f), TSimd.Load(sum + lane));
                for (nint i = 0; i < size; i++)
                {
                    float* at = output + (i * Lanes) + lane;
                    TSimd.Store(at, TSimd.Multiply(TSimd.Load(at), inverse));
                }
            }

            nint row = Operands.Heads * size;
            float* target = Destination + (((batch * Operands.QueryCount) + firstQuery) * row) + (head * size);
            MatMulPacking.Transpose(target, row, output, Lanes, size, tile.Queries);
            float* statistics = LogSumExp + (((batch * Operands.Heads) + head) * Operands.QueryCount) + firstQuery;
            for (nint query = 0; query < tile.Queries; query++)
            {
                statistics[query] = (float)(maximum[query] + Math.Log(sum[query]));
            }
        }
    }
}

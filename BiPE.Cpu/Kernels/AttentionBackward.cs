using System.Runtime.InteropServices;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// Gradient of attention within one packed tensor. Weights are computed again, tile by tile, from the forward pass's
/// log-sum-exp. A chunk is one key/value head of one row of the batch, with its query heads; if the bias table has a gradient it
/// is one key/value head of all rows, so that each table has one writer.
/// </summary>
internal static unsafe class AttentionBackward<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    // Queries, gradients and copies of so many tiles, which share blocks of keys, take 300 KB of a core's own cache.
    private const int MostTilesOfGroup = 4;

    /// <summary>Computes the gradients.</summary>
    /// <param name="context">Threads and scratch memory.</param>
    /// <param name="gradients">What to write and what to read beside the operands.</param>
    /// <param name="operands">What attention read.</param>
    public static void Compute(KernelContext context, in AttentionBackwardOperands gradients, in AttentionOperands operands)
    {
        nint lanes = AttentionTile<TSimd, TVector>.MostLanesFor(operands.QueryCount);
        nint width = (operands.Size + TSimd.Width - 1) / TSimd.Width * TSimd.Width;
        nint chunks = operands.KeyValueHeads * (gradients.BiasTable is null ? operands.Batch : 1);
        var job = new Job
        {
            Operands = operands,
            Gradients = gradients,
            MostLanes = lanes,
            PaddedSize = width,
        };
        job.Scratch = context.Scratch.PerWorker(
            (2 * operands.KeyCount * width) + AttentionKeyBlock<TSimd, TVector>.ScratchLength(operands.Size)
            + (2 * AttentionTile<TSimd, TVector>.KeyBlock * lanes) + (MostTilesOfGroup * job.TileLength));
        context.Workers.Run(checked((int)chunks), job);
    }

    private struct Job : IJob
    {
        public AttentionOperands Operands;
        public AttentionBackwardOperands Gradients;
        public nint MostLanes;

        /// <summary>Elements of a head rounded up to whole vectors.</summary>
        public nint PaddedSize;
        public WorkerScratch Scratch;

        public readonly void Execute(int chunk, int worker)
        {
            nint keyValueHead = chunk % Operands.KeyValueHeads;
            if (Gradients.BiasTable is null)
            {
                ExecuteRow(chunk / Operands.KeyValueHeads, keyValueHead, worker);
                return;
            }

            nint heads = Operands.Heads / Operands.KeyValueHeads;
            if (!Gradients.AccumulateBias)
            {
                nint length = heads * Operands.BiasTableLength;
                NativeMemory.Clear(Gradients.BiasTable + (keyValueHead * length), (nuint)length * sizeof(float));
            }

            for (nint batch = 0; batch < Operands.Batch; batch++)
            {
                ExecuteRow(batch, keyValueHead, worker);
            }
        }

        /// <summary>Elements that a tile keeps while the keys pass.</summary>
        public readonly nint TileLength =>
            (MostLanes * ((3 * Operands.Size) + (2 * PaddedSize) + 2)) + AttentionTile<TSimd, TVector>.ScratchLength(MostLanes);

        private readonly void ExecuteRow(nint batch, nint keyValueHead, int worker)
        {
            float* keyGradient = Scratch[worker];                                    // [keys, padded size]
            float* valueGradient = keyGradient + (Operands.KeyCount * PaddedSize);   // [keys, padded size]
            float* rest = valueGradient + (Operands.KeyCount * PaddedSize);
            new Span<float>(keyGradient, checked((int)(2 * Operands.KeyCount * PaddedSize))).Clear();
            var block = new AttentionKeyBlock<TSimd, TVector>(Operands, rest, batch, keyValueHead);
            rest += AttentionKeyBlock<TSimd, TVector>.ScratchLength(Operands.Size);
            nint heads = Operands.Heads / Operands.KeyValueHeads;
            int tilesOfRow = AttentionTile<TSimd, TVector>.CountFor(Operands.QueryCount);
            for (nint head = keyValueHead * heads; head < (keyValueHead + 1) * heads; head++)
            {
                for (int tile = 0; tile < tilesOfRow; tile += MostTilesOfGroup)
                {
                    ExecuteGroup(batch, head, tile, Math.Min(MostTilesOfGroup, tilesOfRow - tile), block, keyGradient, valueGradient, rest);
                }
            }

            nint keyHead = Operands.Heads + keyValueHead;
            WriteRows(batch, 0, Operands.KeyCount, keyHead, keyGradient, PaddedSize);
            WriteRows(batch, 0, Operands.KeyCount, keyHead + Operands.KeyValueHeads, valueGradient, PaddedSize);
        }

        private readonly void ExecuteGroup(
            nint batch, nint head, int firstTile, int count, in AttentionKeyBlock<TSimd, TVector> block, float* keyGradient, float* valueGradient,
            float* scratch)
        {
            float* weights = scratch;                                                                           // [keys, lanes]
            float* scoreGradient = weights + (AttentionTile<TSimd, TVector>.KeyBlock * MostLanes);              // [keys, lanes]
            float* states = scoreGradient + (AttentionTile<TSimd, TVector>.KeyBlock * MostLanes);
            AttentionTile<TSimd, TVector>* tiles = stackalloc AttentionTile<TSimd, TVector>[MostTilesOfGroup];
            for (int i = 0; i < count; i++)
            {
                tiles[i] = Begin(new TileState(this, states + (i * TileLength)), batch, head, firstTile + i);
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
                        Differentiate(
                            tiles[i], new TileState(this, states + (i * TileLength)), head, block, key, keys, weights, scoreGradient,
                            keyGradient + (key * PaddedSize), valueGradient + (key * PaddedSize));
                    }
                }
            }

            for (int i = 0; i < count; i++)
            {
                var state = new TileState(this, states + (i * TileLength));
                MatMulPacking.Transpose(state.QueryRows, PaddedSize, state.QueryGradient, tiles[i].Lanes, Operands.Size, tiles[i].Queries);
                WriteRows(batch, tiles[i].FirstQuery, tiles[i].Queries, head, state.QueryRows, PaddedSize);
            }
        }

        private readonly AttentionTile<TSimd, TVector> Begin(TileState state, nint batch, nint head, nint index)
        {
            nint size = Operands.Size;
            AttentionTile<TSimd, TVector> tile = AttentionTile<TSimd, TVector>.Create(Operands, state.TileScratch, batch, head, index);
            nint lanes = tile.Lanes;
            float* query = Operands.QueryAt(batch, tile.FirstQuery, head);
            nint outputRow = Operands.Heads * size;
            nint outputOffset = (((batch * Operands.QueryCount) + tile.FirstQuery) * outputRow) + (head * size);
            float* gradient = Gradients.Gradient + outputOffset;
            MatMulPacking.Pack(state.QueryColumns, lanes * size, query, tile.Queries, lanes, size, Operands.QueryStride, innerStride: 1);
            MatMulPacking.Pack(state.GradientColumns, lanes * size, gradient, tile.Queries, lanes, size, outputRow, innerStride: 1);
            CopyRows(state.QueryRows, query, tile.Queries, Operands.QueryStride);
            CopyRows(state.GradientRows, gradient, tile.Queries, outputRow);
            new Span<float>(state.QueryGradient, checked((int)(size * lanes))).Clear();
            LoadStatistics(tile, batch, head, gradient, Gradients.Output + outputOffset, state.LogSumExp, state.Delta);
            return tile;
        }

        /// <summary>One tile of queries and one block of keys: the five products.</summary>
        private readonly void Differentiate(
            in AttentionTile<TSimd, TVector> tile, TileState state, nint head, in AttentionKeyBlock<TSimd, TVector> block, nint key, nint keys,
            float* weights, float* scoreGradient, float* keyGradient, float* valueGradient)
        {
            nint size = Operands.Size;
            nint lanes = tile.Lanes;
            if (Operands.BiasKind is not null)
            {
                tile.Bias.Write(weights, key, keys);
            }

            for (nint first = 0; first < keys;)
            {
                (nint lane, nint count) = tile.Part(key + first, keys - first);
                nint at = (first * lanes) + lane;
                TileProduct<TSimd, TVector>.Multiply(
                    count, lanes - lane, size, block.Keys + (first * size), size, 1, state.QueryColumns + lane, lanes, weights + at, lanes,
                    Operands.Scale, accumulate: Operands.BiasKind is not null);
                TileProduct<TSimd, TVector>.Multiply(
                    count, lanes - lane, size, block.Values + (first * size), size, 1, state.GradientColumns + lane, lanes, scoreGradient + at, lanes,
                    1, accumulate: false);
                first += count;
            }

            Differentiate(tile, weights, scoreGradient, key, keys, state.LogSumExp, state.Delta);
            if (Gradients.BiasTable is not null)
            {
                tile.Bias.AddToTable(Gradients.BiasTable + (head * Operands.BiasTableLength), scoreGradient, key, keys);
            }

            for (nint first = 0; first < keys;)
            {
                (nint lane, nint count) = tile.Part(key + first, keys - first);
                nint at = (first * lanes) + lane;
                nint row = first * PaddedSize;
                nint query = lane * PaddedSize;
                TileProduct<TSimd, TVector>.Multiply(
                    count, PaddedSize, tile.Queries - lane, weights + at, lanes, 1, state.GradientRows + query, PaddedSize, valueGradient + row,
                    PaddedSize, 1, accumulate: true);
                TileProduct<TSimd, TVector>.Multiply(
                    count, PaddedSize, tile.Queries - lane, scoreGradient + at, lanes, 1, state.QueryRows + query, PaddedSize, keyGradient + row,
                    PaddedSize, Operands.Scale, accumulate: true);
                TileProduct<TSimd, TVector>.Multiply(
                    size, lanes - lane, count, block.Keys + (first * size), 1, size, scoreGradient + at, lanes, state.QueryGradient + lane, lanes,
                    Operands.Scale, accumulate: true);
                first += count;
            }
        }

        /// <summary>
        /// Scores become weights, and the gradients of the weights those of the scores: weight * (gradient - delta).
        /// </summary>
        private static void Differentiate(
            in AttentionTile<TSimd, TVector> tile, float* weights, float* scoreGradient, nint firstKey, nint keys, float* logSumExp, float* delta)
        {
            bool masked = tile.IsMasked(firstKey, keys);
            for (nint lane = 0; lane < tile.Lanes; lane += TSimd.Width)
            {
                TVector denominator = TSimd.Load(logSumExp + lane);
                TVector shift = TSimd.Load(delta + lane);
                nint seen = tile.KeysFor(firstKey, keys, lane);
                for (nint key = 0; key < seen; key++)
                {
                    nint at = (key * tile.Lanes) + lane;
                    TVector weight = VectorMath<TSimd, TVector>.Exp(TSimd.Subtract(TSimd.Load(weights + at), denominator));
                    TVector gradient = TSimd.Multiply(weight, TSimd.Subtract(TSimd.Load(scoreGradient + at), shift));
                    if (masked)
                    {
                        TVector sees = tile.Sees(firstKey + key, lane);
                        weight = TSimd.Select(sees, weight, TSimd.Zero);
                        gradient = TSimd.Select(sees, gradient, TSimd.Zero);
                    }

                    TSimd.Store(weights + at, weight);
                    TSimd.Store(scoreGradient + at, gradient);
                }

                // No product reads these, but the gradient of a bias does.
                for (nint key = seen; key < keys; key++)
                {
                    TSimd.Store(scoreGradient + (key * tile.Lanes) + lane, TSimd.Zero);
                }
            }
        }

        /// <summary>Log-sum-exp and gradient . output of each query; lanes without a query get weights 0.</summary>
        private readonly void LoadStatistics(
            in AttentionTile<TSimd, TVector> tile, nint batch, nint head, float* gradient, float* output, float* logSumExp, float* delta)
        {
            nint row = Operands.Heads * Operands.Size;
            float* source = Gradients.LogSumExp + (((batch * Operands.Heads) + head) * Operands.QueryCount) + tile.FirstQuery;
            for (nint lane = 0; lane < tile.Lanes; lane++)
            {
                logSumExp[lane] = lane < tile.Queries ? source[lane] : float.PositiveInfinity;
                delta[lane] = lane < tile.Queries
                    ? VectorReductions<TSimd, TVector>.Dot(gradient + (lane * row), output + (lane * row), Operands.Size)
                    : 0;
            }
        }

        private readonly void CopyRows(float* destination, float* source, nint rows, nint sourceRow)
        {
            for (nint row = 0; row < rows; row++)
            {
                float* target = destination + (row * PaddedSize);
                RowCopy<TSimd, TVector>.Copy(target, source + (row * sourceRow), Operands.Size);
                if (Operands.Size < PaddedSize)
                {
                    new Span<float>(target + Operands.Size, (int)(PaddedSize - Operands.Size)).Clear();
                }
            }
        }

        /// <summary>Writes rows of one head of the packed gradient, or adds to them.</summary>
        private readonly void WriteRows(nint batch, nint firstToken, nint count, nint head, float* source, nint sourceRow)
        {
            nint row = (Operands.Heads + (2 * Operands.KeyValueHeads)) * Operands.Size;
            for (nint i = 0; i < count; i++)
            {
                float* target = Gradients.Packed + (((batch * Operands.KeyCount) + firstToken + i) * row) + (head * Operands.Size);
                if (Gradients.AccumulatePacked)
                {
                    VectorReductions<TSimd, TVector>.Add(target, source + (i * sourceRow), Operands.Size);
                }
                else
                {
                    RowCopy<TSimd, TVector>.Copy(target, source + (i * sourceRow), Operands.Size);
                }
            }
        }

        /// <summary>Where a tile's arrays lie.</summary>
        private readonly struct TileState(in Job job, float* start)
        {
            private readonly nint _columns = job.Operands.Size * job.MostLanes;
            private readonly nint _rows = job.MostLanes * job.PaddedSize;
            private readonly nint _mostLanes = job.MostLanes;

            /// <summary>Queries, <c>[size, lanes]</c>.</summary>
            public float* QueryColumns => start;

            /// <summary>Gradient of the output, <c>[size, lanes]</c>.</summary>
            public float* GradientColumns => start + _columns;

            /// <summary>Gradient of the queries, <c>[size, lanes]</c>.</summary>
            public float* QueryGradient => start + (2 * _columns);

            /// <summary>Queries, <c>[lanes, padded size]</c>.</summary>
            public float* QueryRows => start + (3 * _columns);

            /// <summary>Gradient of the output, <c>[lanes, padded size]</c>.</summary>
            public float* GradientRows => QueryRows + _rows;

            public float* LogSumExp => GradientRows + _rows;

            /// <summary>Gradient . output of each query.</summary>
            public float* Delta => LogSumExp + _mostLanes;

            public float* TileScratch => Delta + _mostLanes;
        }
    }
}

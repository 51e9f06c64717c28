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
    /// <summary>Computes the gradients.</summary>
    /// <param name="context">Threads and scratch memory.</param>
    /// <param name="gradients">What to write and what to read beside the operands.</param>
    /// <param name="operands">What attention read.</param>
    public static void Compute(KernelContext context, in AttentionBackwardOperands gradients, in AttentionOperands operands)
    {
        nint lanes = AttentionTile<TSimd, TVector>.LanesFor(operands.QueryCount);
        nint width = (operands.Size + TSimd.Width - 1) / TSimd.Width * TSimd.Width;
        nint scratch = (2 * operands.KeyCount * width)
            + (lanes * ((3 * operands.Size) + (2 * width) + (2 * AttentionTile<TSimd, TVector>.KeyBlock) + 2))
            + AttentionTile<TSimd, TVector>.ScratchLength(lanes);
        nint chunks = operands.KeyValueHeads * (gradients.BiasTable is null ? operands.Batch : 1);
        context.Workers.Run(checked((int)chunks), new Job
        {
            Operands = operands,
            Gradients = gradients,
            Lanes = lanes,
            PaddedSize = width,
            Scratch = context.Scratch.PerWorker(scratch),
        });
    }

    private struct Job : IJob
    {
        public AttentionOperands Operands;
        public AttentionBackwardOperands Gradients;
        public nint Lanes;

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
                new Span<float>(Gradients.BiasTable + (keyValueHead * length), checked((int)length)).Clear();
            }

            for (nint batch = 0; batch < Operands.Batch; batch++)
            {
                ExecuteRow(batch, keyValueHead, worker);
            }
        }

        private readonly void ExecuteRow(nint batch, nint keyValueHead, int worker)
        {
            float* keyGradient = Scratch[worker];                                    // [keys, padded size]
            float* valueGradient = keyGradient + (Operands.KeyCount * PaddedSize);   // [keys, padded size]
            float* rest = valueGradient + (Operands.KeyCount * PaddedSize);
            new Span<float>(keyGradient, checked((int)(2 * Operands.KeyCount * PaddedSize))).Clear();
            nint heads = Operands.Heads / Operands.KeyValueHeads;
            for (nint head = keyValueHead * heads; head < (keyValueHead + 1) * heads; head++)
            {
                for (nint query = 0; query < Operands.QueryCount; query += Lanes)
                {
                    ExecuteTile(batch, head, keyValueHead, query, keyGradient, valueGradient, rest);
                }
            }

            nint keyHead = Operands.Heads + keyValueHead;
            WriteRows(batch, 0, Operands.KeyCount, keyHead, keyGradient, PaddedSize);
            WriteRows(batch, 0, Operands.KeyCount, keyHead + Operands.KeyValueHeads, valueGradient, PaddedSize);
        }

        private readonly void ExecuteTile(
            nint batch, nint head, nint keyValueHead, nint firstQuery, float* keyGradient, float* valueGradient, float* scratch)
        {
            nint size = Operands.Size;
            float* queryColumns = scratch;                              // [size, lanes]
            float* gradientColumns = queryColumns + (size * Lanes);     // [size, lanes]
            float* queryGradient = gradientColumns + (size * Lanes);    // [size, lanes]
            float* queryRows = queryGradient + (size * Lanes);          // [lanes, padded size]
            float* gradientRows = queryRows + (Lanes * PaddedSize);     // [lanes, padded size]
            float* weights = gradientRows + (Lanes * PaddedSize);       // [keys, lanes]
            float* scoreGradient = weights + (AttentionTile<TSimd, TVector>.KeyBlock * Lanes);
            float* logSumExp = scoreGradient + (AttentionTile<TSimd, TVector>.KeyBlock * Lanes);
            float* delta = logSumExp + Lanes;
            AttentionTile<TSimd, TVector> tile =
                AttentionTile<TSimd, TVector>.Create(Operands, delta + Lanes, batch, head, firstQuery, Lanes);

            float* query = Operands.QueryAt(batch, firstQuery, head);
            nint outputRow = Operands.Heads * size;
            nint outputOffset = (((batch * Operands.QueryCount) + firstQuery) * outputRow) + (head * size);
            float* gradient = Gradients.Gradient + outputOffset;
            MatMulPacking.Pack(queryColumns, query, tile.Queries, Lanes, size, Operands.QueryStride, innerStride: 1);
            MatMulPacking.Pack(gradientColumns, gradient, tile.Queries, Lanes, size, outputRow, innerStride: 1);
            CopyRows(queryRows, query, tile.Queries, Operands.QueryStride);
            CopyRows(gradientRows, gradient, tile.Queries, outputRow);
            new Span<float>(queryGradient, checked((int)(size * Lanes))).Clear();
            LoadStatistics(batch, head, firstQuery, tile.Queries, gradient, Gradients.Output + outputOffset, logSumExp, delta);

            for (nint key = tile.FirstKey; key < tile.EndKey; key += AttentionTile<TSimd, TVector>.KeyBlock)
            {
                nint keys = Math.Min(AttentionTile<TSimd, TVector>.KeyBlock, tile.EndKey - key);
                nint offset = Operands.KeyOffset(batch, key, keyValueHead);
                TileProduct<TSimd, TVector>.Multiply(
                    keys, Lanes, size, Operands.Key + offset, Operands.KeyStride, 1, queryColumns, Lanes, weights, Lanes, Operands.Scale, accumulate: false);
                TileProduct<TSimd, TVector>.Multiply(
                    keys, Lanes, size, Operands.Value + offset, Operands.KeyStride, 1, gradientColumns, Lanes, scoreGradient, Lanes, 1, accumulate: false);
                if (Operands.BiasKind is not null)
                {
                    tile.AddBias(Operands, weights, key, keys);
                }

                Differentiate(tile, weights, scoreGradient, key, keys, logSumExp, delta);
                if (Gradients.BiasTable is not null)
                {
                    tile.AddToTable(Operands, Gradients.BiasTable + (head * Operands.BiasTableLength), scoreGradient, key, keys);
                }

                TileProduct<TSimd, TVector>.Multiply(
                    keys, PaddedSize, tile.Queries, weights, Lanes, 1, gradientRows, PaddedSize,
                    valueGradient + (key * PaddedSize), PaddedSize, 1, accumulate: true);
                TileProduct<TSimd, TVector>.Multiply(
                    keys, PaddedSize, tile.Queries, scoreGradient, Lanes, 1, queryRows, PaddedSize,
                    keyGradient + (key * PaddedSize), PaddedSize, Operands.Scale, accumulate: true);
                TileProduct<TSimd, TVector>.Multiply(
                    size, Lanes, keys, Operands.Key + offset, 1, Operands.KeyStride, scoreGradient, Lanes,
                    queryGradient, Lanes, Operands.Scale, accumulate: true);
            }

            MatMulPacking.Transpose(queryRows, PaddedSize, queryGradient, Lanes, size, tile.Queries);
            WriteRows(batch, firstQuery, tile.Queries, head, queryRows, PaddedSize);
        }

        /// <summary>
        /// Scores become weights, and the gradients of the weights those of the scores: weight * (gradient - delta).
        /// </summary>
        private readonly void Differentiate(
            in AttentionTile<TSimd, TVector> tile, float* weights, float* scoreGradient, nint firstKey, nint keys, float* logSumExp, float* delta)
        {
            bool masked = tile.IsMasked(firstKey, keys);
            for (nint lane = 0; lane < Lanes; lane += TSimd.Width)
            {
                TVector denominator = TSimd.Load(logSumExp + lane);
                TVector shift = TSimd.Load(delta + lane);
                for (nint key = 0; key < keys; key++)
                {
                    nint at = (key * Lanes) + lane;
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
            }
        }

        /// <summary>Log-sum-exp and gradient . output of each query; lanes without a query get weights 0.</summary>
        private readonly void LoadStatistics(
            nint batch, nint head, nint firstQuery, nint queries, float* gradient, float* output, float* logSumExp, float* delta)
        {
            nint row = Operands.Heads * Operands.Size;
            float* source = Gradients.LogSumExp + (((batch * Operands.Heads) + head) * Operands.QueryCount) + firstQuery;
            for (nint lane = 0; lane < Lanes; lane++)
            {
                logSumExp[lane] = lane < queries ? source[lane] : float.PositiveInfinity;
                delta[lane] = lane < queries
                    ? VectorReductions<TSimd, TVector>.Dot(gradient + (lane * row), output + (lane * row), Operands.Size)
                    : 0;
            }
        }

        private readonly void CopyRows(float* destination, float* source, nint rows, nint sourceRow)
        {
            for (nint row = 0; row < rows; row++)
            {
                float* target = destination + (row * PaddedSize);
                new ReadOnlySpan<float>(source + (row * sourceRow), (int)Operands.Size).CopyTo(new Span<float>(target, (int)PaddedSize));
                new Span<float>(target + Operands.Size, (int)(PaddedSize - Operands.Size)).Clear();
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
                    new ReadOnlySpan<float>(source + (i * sourceRow), (int)Operands.Size).CopyTo(new Span<float>(target, (int)Operands.Size));
                }
            }
        }
    }
}

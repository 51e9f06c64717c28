using BiPE.Core.Tensors;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// The bias of a tile's scores, <c>[keys, lanes]</c>. Keys of one segment share a position and so a row of biases, which is looked up
/// once; where positions count tokens, rows lie in the table as they are needed. So a bias costs little more than writing the
/// scores once. Pairs that the mask hides get any number of the table.
/// </summary>
internal readonly unsafe struct AttentionBiasRows<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    private const int DiagonalSums = 4;

    private readonly AttentionOperands _operands;
    private readonly float* _table;
    private readonly int* _keyPositions;
    private readonly int* _queryPositions;
    private readonly nint _queries;
    private readonly int* _lanePositions;
    private readonly float* _laneDistances;
    private readonly nint _lanes;
    private readonly float* _row;
    private readonly float* _block;
    private readonly bool _queriesCount;

    /// <summary>Sets up the biases of some queries of one head.</summary>
    /// <param name="operands">Attention's operands, with a bias.</param>
    /// <param name="scratch">Memory of <see cref="ScratchLength"/> elements.</param>
    /// <param name="batch">Row of the batch.</param>
    /// <param name="head">Query head.</param>
    /// <param name="firstToken">Token of the first query.</param>
    /// <param name="queries">Queries.</param>
    /// <param name="lanes">Their lanes, whole vectors.</param>
    public AttentionBiasRows(
        in AttentionOperands operands, float* scratch, nint batch, nint head, nint firstToken, nint queries, nint lanes)
    {
        _operands = operands;
        _table = operands.BiasTable + (head * operands.BiasTableLength);
        _keyPositions = operands.Positions + (batch * operands.KeyCount);
        _queryPositions = _keyPositions + firstToken;
        _queries = queries;
        _lanes = lanes;
        _row = scratch;
        _laneDistances = scratch + lanes;
        _lanePositions = (int*)(scratch + (2 * lanes));
        _block = scratch + (3 * lanes);
        _queriesCount = Count(_queryPositions, queries);
        for (nint lane = 0; lane < lanes; lane++)
        {
            _lanePositions[lane] = _queryPositions[Math.Min(lane, queries - 1)];
            _laneDistances[lane] = _lanePositions[lane] - _queryPositions[0];
        }
    }

    /// <summary>Scratch elements that the biases take.</summary>
    /// <param name="lanes">Lanes of the tile.</param>
    public static nint ScratchLength(nint lanes) =>
        (3 * lanes) + Math.Max(lanes * AttentionTile<TSimd, TVector>.KeyBlock, DiagonalSums * (lanes + AttentionTile<TSimd, TVector>.KeyBlock));

    /// <summary>Writes the biases of a block of scores. Lanes beyond the last query may keep what lay there, even NaN: no other lane reads them.</summary>
    /// <param name="scores"><c>[keys, lanes]</c>.</param>
    /// <param name="firstKey">First key.</param>
    /// <param name="keys">How many.</param>
    public void Write(float* scores, nint firstKey, nint keys)
    {
        int* positions = _keyPositions + firstKey;
        if (IsSquareOfTable(positions, keys))
        {
            MatMulPacking.Transpose(scores, _lanes, SquareOfTable(_table, positions), _operands.BiasExtent, _queries, keys);
            return;
        }

        if (_operands.BiasKind == AttentionBiasKind.PerKey)
        {
            WriteSlopes(scores, positions, keys);
            return;
        }

        if (IsRunOfDistances(positions, keys))
        {
            WriteDiagonals(scores, (nint)_queryPositions[0] - positions[0] - keys + 1, keys);
            return;
        }

        float* row = null;
        for (nint key = 0; key < keys; key++)
        {
            if (key == 0 || positions[key] != positions[key - 1])
            {
                row = Row(positions[key]);
            }

            RowCopy<TSimd, TVector>.Copy(scores + (key * _lanes), row, _lanes);
        }
    }

    /// <summary>Adds gradients of a block of scores to the gradient of the head's table.</summary>
    /// <param name="tableGradient">The head's table.</param>
    /// <param name="scoreGradient"><c>[keys, lanes]</c>, 0 where masked.</param>
    /// <param name="firstKey">First key.</param>
    /// <param name="keys">How many.</param>
    public void AddToTable(float* tableGradient, float* scoreGradient, nint firstKey, nint keys)
    {
        int* positions = _keyPositions + firstKey;
        if (IsSquareOfTable(positions, keys))
        {
            MatMulPacking.Transpose(_block, keys, scoreGradient, _lanes, keys, _queries);
            float* square = SquareOfTable(tableGradient, positions);
            for (nint lane = 0; lane < _queries; lane++)
            {
                VectorReductions<TSimd, TVector>.Add(square + (lane * _operands.BiasExtent), _block + (lane * keys), keys);
            }

            return;
        }

        if (IsRunOfDistances(positions, keys))
        {
            AddDiagonals(tableGradient, (nint)_queryPositions[0] - positions[0] - keys + 1, scoreGradient, keys);
            return;
        }

        for (nint key = 0; key < keys;)
        {
            nint end = key + 1;
            while (end < keys && positions[end] == positions[key])
            {
                end++;
            }

            AddRow(tableGradient, SumOfKeys(scoreGradient + (key * _lanes), end - key), positions[key]);
            key = end;
        }
    }

    private static bool Count(int* positions, nint count)
    {
        for (nint i = 1; i < count; i++)
        {
            if (positions[i] != positions[i - 1] + 1)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether queries and keys count on, so that the block is a square of a table of pairs, transposed.</summary>
    private bool IsSquareOfTable(int* positions, nint keys) =>
        _operands.BiasKind == AttentionBiasKind.PerPair && _queriesCount && keys > 1 && Count(positions, keys)
        && InTable(_queryPositions[0], _queries) && InTable(positions[0], keys);

    private float* SquareOfTable(float* table, int* positions) =>
        table + (_queryPositions[0] * _operands.BiasExtent) + positions[0];

    private bool InTable(nint first, nint count) => first >= 0 && first + count <= _operands.BiasExtent;

    /// <summary>Whether a row of distances lies in the table as it is.</summary>
    private bool IsRowOfTable(int position) =>
        _operands.BiasKind == AttentionBiasKind.PerDistance && _queriesCount && InTable((nint)_queryPositions[0] - position, _lanes);

    /// <summary>Whether queries and keys count on, so that each key's row is one of distances, an element before the last key's.</summary>
    private bool IsRunOfDistances(int* positions, nint keys) =>
        _operands.BiasKind == AttentionBiasKind.PerDistance && _queriesCount && Count(positions, keys);

    /// <summary>A slope times distances.</summary>
    private void WriteSlopes(float* scores, int* positions, nint keys)
    {
        // Relative to the tile's first query distances are small, so exact in float32.
        TVector slope = TSimd.Broadcast(*_table);
        for (nint key = 0; key < keys; key++)
        {
            TVector distance = TSimd.Broadcast(positions[key] - _queryPositions[0]);
            for (nint lane = 0; lane < _lanes; lane += TSimd.Width)
            {
                TSimd.Store(scores + (key * _lanes) + lane, TSimd.Multiply(slope, TSimd.Subtract(distance, TSimd.Load(_laneDistances + lane))));
            }
        }
    }

    /// <summary>Writes each key's row from a run of distances, of which the mask hides those outside of the table.</summary>
    private void WriteDiagonals(float* scores, nint firstDistance, nint keys)
    {
        nint length = keys - 1 + _lanes;
        float* run = _table + firstDistance;
        if (!InTable(firstDistance, length))
        {
            run = _block;
            new Span<float>(run, (int)length).Clear();
            (nint first, nint end) = PartInTable(firstDistance, length);
            RowCopy<TSimd, TVector>.Copy(run + first, _table + firstDistance + first, end - first);
        }

        for (nint key = 0; key < keys; key++)
        {
            RowCopy<TSimd, TVector>.Copy(scores + (key * _lanes), run + keys - 1 - key, _lanes);
        }
    }

    /// <summary>
    /// Adds each key's row to a run of distances. Several sums take turns: a row read right after another was written over most of it
    /// would wait for the cache.
    /// </summary>
    private void AddDiagonals(float* tableGradient, nint firstDistance, float* scoreGradient, nint keys)
    {
        nint length = keys - 1 + _lanes;
        new Span<float>(_block, (int)(DiagonalSums * length)).Clear();
        for (nint key = 0; key < keys; key++)
        {
            float* sum = _block + (key % DiagonalSums * length) + keys - 1 - key;
            VectorReductions<TSimd, TVector>.Add(sum, scoreGradient + (key * _lanes), _lanes);
        }

        (nint first, nint end) = PartInTable(firstDistance, length);
        for (nint i = 0; i < DiagonalSums; i++)
        {
            VectorReductions<TSimd, TVector>.Add(tableGradient + firstDistance + first, _block + (i * length) + first, end - first);
        }
    }

    private (nint First, nint End) PartInTable(nint firstDistance, nint length)
    {
        nint first = Math.Clamp(-firstDistance, 0, length);
        return (first, Math.Clamp(_operands.BiasExtent - firstDistance, first, length));
    }

    /// <summary>Biases of the queries toward keys of one position.</summary>
    private float* Row(int position)
    {
        if (IsRowOfTable(position))
        {
            return _table + (_queryPositions[0] - position);
        }

        if (_operands.BiasKind == AttentionBiasKind.PerDistance && _queriesCount)
        {
            // Part of the row lies before or behind the table, where the mask hides all pairs.
            nint start = (nint)_queryPositions[0] - position;
            for (nint lane = Math.Max(0, -start); lane < Math.Min(_lanes, _operands.BiasExtent - start); lane++)
            {
                _row[lane] = _table[start + lane];
            }

            return _row;
        }

        float bias = 0;
        for (nint lane = 0; lane < _lanes; lane++)
        {
            if (lane == 0 || _lanePositions[lane] != _lanePositions[lane - 1])
            {
                bias = _table[Index(lane, position)];
            }

            _row[lane] = bias;
        }

        return _row;
    }

    private float* SumOfKeys(float* scoreGradient, nint keys)
    {
        if (keys == 1)
        {
            return scoreGradient;
        }

        for (nint lane = 0; lane < _lanes; lane += TSimd.Width)
        {
            TVector sum = TSimd.Load(scoreGradient + lane);
            for (nint key = 1; key < keys; key++)
            {
                sum = TSimd.Add(sum, TSimd.Load(scoreGradient + (key * _lanes) + lane));
            }

            TSimd.Store(_row + lane, sum);
        }

        return _row;
    }

    private void AddRow(float* tableGradient, float* row, int position)
    {
        if (IsRowOfTable(position))
        {
            VectorReductions<TSimd, TVector>.Add(tableGradient + (_queryPositions[0] - position), row, _lanes);
            return;
        }

        for (nint lane = 0; lane < _queries;)
        {
            float sum = 0;
            nint index = Index(lane, position);
            int query = _lanePositions[lane];
            for (; lane < _queries && _lanePositions[lane] == query; lane++)
            {
                sum += row[lane];
            }

            tableGradient[index] += sum;
        }
    }

    /// <summary>Element of the head's table; hidden pairs may have no element of their own and get another.</summary>
    private nint Index(nint lane, int position)
    {
        nint extent = _operands.BiasExtent;
        nint query = _lanePositions[lane];
        return _operands.BiasKind == AttentionBiasKind.PerDistance
            ? Math.Max(0, Math.Min(query - position, extent - 1))
            : (query * extent) + Math.Clamp(position, 0, extent - 1);
    }
}

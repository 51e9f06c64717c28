using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>
/// Matrix products in float32 arithmetic. A group of edge x edge threads computes tiles of 4 edge x 4 edge elements, a thread
/// 4 x 4 of them in registers; factors pass through shared memory in slices of 16 terms, so each element is read from memory once
/// a tile. With an edge of 16, tiles are 64 x 64 and slices take 2 x 4.25 KiB of shared memory.
/// </summary>
internal static class ProductKernels
{
    /// <summary>Elements of a thread along each side.</summary>
    public const int Micro = 4;

    private const int Slice = 16;
    private const int MostTile = 64;

    // One column more than a tile has: threads that store a column of a factor hit different banks.
    private const int Pitch = MostTile + 1;

    /// <summary>result (=|+=) alpha * left right.</summary>
    [Kernel]
    public static void Multiply<TFrom, TFromFormat, TTo, TToFormat>(ProductArguments<TFrom, TTo> arguments)
        where TFrom : unmanaged
        where TFromFormat : struct, IFormat<TFrom>
        where TTo : unmanaged
        where TToFormat : struct, IFormat<TTo>
    {
        ArrayView<float> lefts = SharedMemory.Allocate<float>(Slice * Pitch);
        ArrayView<float> rights = SharedMemory.Allocate<float>(Slice * Pitch);
        int edge = arguments.Edge;
        int tile = edge * Micro;
        int threadRow = Group.IdxX / edge;
        int threadColumn = Group.IdxX - (threadRow * edge);
        for (long at = Grid.IdxX; at < arguments.Tiles; at += Grid.DimX)
        {
            long group = at / ((long)arguments.TileRows * arguments.TileColumns);
            int inGroup = (int)(at - (group * arguments.TileRows * arguments.TileColumns));
            int firstRow = inGroup / arguments.TileColumns * tile;
            int firstColumn = inGroup % arguments.TileColumns * tile;
            long leftStart = group * arguments.LeftStride;
            long rightStart = group * arguments.RightStride;
            var sum0 = default(Four);
            var sum1 = default(Four);
            var sum2 = default(Four);
            var sum3 = default(Four);
            for (int term = 0; term < arguments.Terms; term += Slice)
            {
                for (int i = Group.IdxX; i < tile * Slice; i += edge * edge)
                {
                    // Neighbouring threads read along the axis whose elements are neighbours in memory.
                    int leftRow = arguments.LeftTerm == 1 ? i / Slice : i % tile;
                    int leftTerm = arguments.LeftTerm == 1 ? i % Slice : i / tile;
                    bool leftInside = firstRow + leftRow < arguments.Rows && term + leftTerm < arguments.Terms;
                    lefts[(leftTerm * Pitch) + leftRow] = leftInside
                        ? TFromFormat.Decode(arguments.Left[leftStart
                            + ((long)(firstRow + leftRow) * arguments.LeftRow) + ((long)(term + leftTerm) * arguments.LeftTerm)])
                        : 0f;
                    int rightColumn = arguments.RightTerm == 1 ? i / Slice : i % tile;
                    int rightTerm = arguments.RightTerm == 1 ? i % Slice : i / tile;
                    bool rightInside = firstColumn + rightColumn < arguments.Columns && term + rightTerm < arguments.Terms;
                    rights[(rightTerm * Pitch) + rightColumn] = rightInside
                        ? TFromFormat.Decode(arguments.Right[rightStart
                            + ((long)(firstColumn + rightColumn) * arguments.RightColumn) + ((long)(term + rightTerm) * arguments.RightTerm)])
                        : 0f;
                }

                Group.Barrier();
                for (int i = 0; i < Slice; i++)
                {
                    int left = (i * Pitch) + (threadRow * Micro);
                    int right = (i * Pitch) + (threadColumn * Micro);
                    var row = new Four { A = rights[right], B = rights[right + 1], C = rights[right + 2], D = rights[right + 3] };
                    sum0 = sum0.Plus(lefts[left], row);
                    sum1 = sum1.Plus(lefts[left + 1], row);
                    sum2 = sum2.Plus(lefts[left + 2], row);
                    sum3 = sum3.Plus(lefts[left + 3], row);
                }

                Group.Barrier();
            }

            int toRow = firstRow + (threadRow * Micro);
            int toColumn = firstColumn + (threadColumn * Micro);
            long to = (group * arguments.ResultStride) + ((long)toRow * arguments.ResultLeading) + toColumn;
            StoreRow<TFrom, TTo, TToFormat>(arguments, to, toRow, toColumn, sum0);
            StoreRow<TFrom, TTo, TToFormat>(arguments, to + arguments.ResultLeading, toRow + 1, toColumn, sum1);
            StoreRow<TFrom, TTo, TToFormat>(arguments, to + (2L * arguments.ResultLeading), toRow + 2, toColumn, sum2);
            StoreRow<TFrom, TTo, TToFormat>(arguments, to + (3L * arguments.ResultLeading), toRow + 3, toColumn, sum3);
        }
    }

    private static void StoreRow<TFrom, TTo, TFormat>(ProductArguments<TFrom, TTo> arguments, long to, int row, int column, Four sums)
        where TFrom : unmanaged
        where TTo : unmanaged
        where TFormat : struct, IFormat<TTo>
    {
        if (row < arguments.Rows)
        {
            Store<TFrom, TTo, TFormat>(arguments, to, column, sums.A);
            Store<TFrom, TTo, TFormat>(arguments, to + 1, column + 1, sums.B);
            Store<TFrom, TTo, TFormat>(arguments, to + 2, column + 2, sums.C);
            Store<TFrom, TTo, TFormat>(arguments, to + 3, column + 3, sums.D);
        }
    }

    private static void Store<TFrom, TTo, TFormat>(ProductArguments<TFrom, TTo> arguments, long to, int column, float sum)
        where TFrom : unmanaged
        where TTo : unmanaged
        where TFormat : struct, IFormat<TTo>
    {
        if (column < arguments.Columns)
        {
            float old = arguments.Accumulates != 0 ? TFormat.Decode(arguments.Result[to]) : 0f;
            arguments.Result[to] = TFormat.Encode(old + (arguments.Alpha * sum));
        }
    }

    /// <summary>Four neighbouring sums.</summary>
    private struct Four
    {
        public float A;
        public float B;
        public float C;
        public float D;

        public readonly Four Plus(float factor, Four row) => new()
        {
            A = A + (factor * row.A), B = B + (factor * row.B), C = C + (factor * row.C), D = D + (factor * row.D),
        };
    }
}

/// <summary>Operands of <see cref="ProductKernels.Multiply"/>; strides are in elements.</summary>
internal struct ProductArguments<TFrom, TTo>
    where TFrom : unmanaged
    where TTo : unmanaged
{
    public ArrayView<TTo> Result;
    public ArrayView<TFrom> Left;
    public ArrayView<TFrom> Right;
    public long Tiles;
    public long ResultStride;
    public long LeftStride;
    public long RightStride;
    public int Rows;
    public int Columns;
    public int Terms;
    public int TileRows;
    public int TileColumns;
    public int ResultLeading;
    public int LeftRow;
    public int LeftTerm;
    public int RightTerm;
    public int RightColumn;
    public float Alpha;
    public int Accumulates;
    public int Edge;
}

using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>Rows taken from tables by number, and sums into them.</summary>
internal static class RowsKernels
{
    /// <summary>Octets of a row that one lane of <see cref="ScatterAdd"/> adds up.</summary>
    public const int OctetsPerLane = 4;

    /// <summary>destination[n, :] (=|+=) table[ids[n], :]; NaN for an id outside of the table. A thread takes an octet.</summary>
    [Kernel]
    public static void Gather<T, TFormat>(GatherArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int octets = (arguments.Columns + Octet.Length - 1) / Octet.Length;
        long all = (long)arguments.Rows * octets;
        for (long at = Lanes.GlobalThread; at < all; at += Lanes.ThreadCount)
        {
            long row = at / octets;
            int column = (int)(at - (row * octets)) * Octet.Length;
            int count = arguments.Columns - column;
            int id = arguments.Ids[row];
            bool inside = (uint)id < (uint)arguments.TableRows;
            Octet value = Octets.Load<T, TFormat>(arguments.Table, ((long)(inside ? id : 0) * arguments.Columns) + column, count, arguments.Wide);
            value = inside ? value : Octet.Of(float.NaN);
            long to = (row * arguments.Columns) + column;
            if (arguments.Adds != 0)
            {
                value += Octets.Load<T, TFormat>(arguments.Destination, to, count, arguments.Wide);
            }

            Octets.Store<T, TFormat>(arguments.Destination, to, count, arguments.Wide, value);
        }
    }

    /// <summary>firsts[id] = smallest n with ids[n] = id; whatever the order of the atomic minima, the result is one.</summary>
    [Kernel]
    public static void FindFirsts(FirstsArguments arguments)
    {
        for (int row = Lanes.GlobalThread; row < arguments.Rows; row += Lanes.ThreadCount)
        {
            int id = arguments.Ids[row];
            if ((uint)id < (uint)arguments.TableRows && id != arguments.SkippedId)
            {
                Atomic.Min(ref arguments.Firsts[id], row);
            }
        }
    }

    /// <summary>
    /// destination[ids[n], :] += source[n, :], in the order of n. The warp of the first row of an id walks through all later ids
    /// and adds their rows up in registers: no atomic additions, so the same bits every time, and one rounding to the
    /// destination's format. It reads ids from the cache, all lanes the same, and a row's octets side by side.
    /// </summary>
    [Kernel]
    public static void ScatterAdd<TTo, TToFormat, TFrom, TFromFormat>(ScatterArguments<TTo, TFrom> arguments)
        where TTo : unmanaged
        where TToFormat : struct, IFormat<TTo>
        where TFrom : unmanaged
        where TFromFormat : struct, IFormat<TFrom>
    {
        int width = Warp.WarpSize * Octet.Length;
        int chunkColumns = width * OctetsPerLane;
        int chunks = (arguments.Columns + chunkColumns - 1) / chunkColumns;
        long all = (long)arguments.Rows * chunks;
        for (long at = Lanes.GlobalWarp; at < all; at += Lanes.WarpCount)
        {
            int first = (int)(at / chunks);
            int id = arguments.Ids[first];
            if ((uint)id >= (uint)arguments.TableRows || id == arguments.SkippedId || arguments.Firsts[id] != first)
            {
                continue;
            }

            int column = ((int)(at - ((long)first * chunks)) * chunkColumns) + (Warp.LaneIdx * Octet.Length);
            var sum0 = default(Octet);
            var sum1 = default(Octet);
            var sum2 = default(Octet);
            var sum3 = default(Octet);
            for (int row = first; row < arguments.Rows; row++)
            {
                if (arguments.Ids[row] == id)
                {
                    long from = ((long)row * arguments.Columns) + column;
                    int left = arguments.Columns - column;
                    sum0 += Octets.Load<TFrom, TFromFormat>(arguments.Source, from, left, arguments.Wide);
                    sum1 += Octets.Load<TFrom, TFromFormat>(arguments.Source, from + width, left - width, arguments.Wide);
                    sum2 += Octets.Load<TFrom, TFromFormat>(arguments.Source, from + (2 * width), left - (2 * width), arguments.Wide);
                    sum3 += Octets.Load<TFrom, TFromFormat>(arguments.Source, from + (3 * width), left - (3 * width), arguments.Wide);
                }
            }

            long to = ((long)id * arguments.Columns) + column;
            int room = arguments.Columns - column;
            AddTo<TTo, TToFormat>(arguments.Destination, to, room, arguments.Wide, sum0);
            AddTo<TTo, TToFormat>(arguments.Destination, to + width, room - width, arguments.Wide, sum1);
            AddTo<TTo, TToFormat>(arguments.Destination, to + (2 * width), room - (2 * width), arguments.Wide, sum2);
            AddTo<TTo, TToFormat>(arguments.Destination, to + (3 * width), room - (3 * width), arguments.Wide, sum3);
        }
    }

    private static void AddTo<T, TFormat>(ArrayView<T> destination, long index, int count, int wide, Octet sum)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        if (count > 0)
        {
            Octet old = Octets.Load<T, TFormat>(destination, index, count, wide);
            Octets.Store<T, TFormat>(destination, index, count, wide, old + sum);
        }
    }
}

/// <summary>Operands of <see cref="RowsKernels.Gather"/>.</summary>
internal struct GatherArguments<T>
    where T : unmanaged
{
    public ArrayView<T> Destination;
    public ArrayView<T> Table;
    public ArrayView<int> Ids;
    public int Rows;
    public int TableRows;
    public int Columns;
    public int Adds;
    public int Wide;
}

/// <summary>Operands of <see cref="RowsKernels.FindFirsts"/>.</summary>
internal struct FirstsArguments
{
    public ArrayView<int> Firsts;
    public ArrayView<int> Ids;
    public int Rows;
    public int TableRows;
    public int SkippedId;
}

/// <summary>Operands of <see cref="RowsKernels.ScatterAdd"/>.</summary>
internal struct ScatterArguments<TTo, TFrom>
    where TTo : unmanaged
    where TFrom : unmanaged
{
    public ArrayView<TTo> Destination;
    public ArrayView<TFrom> Source;
    public ArrayView<int> Firsts;
    public ArrayView<int> Ids;
    public int Rows;
    public int TableRows;
    public int Columns;
    public int SkippedId;
    public int Wide;
}

using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>Reads and writes octets, also at the ends of rows and where rows do not start at multiples of 16 bytes.</summary>
internal static class Octets
{
    /// <summary>Reads up to eight elements; those beyond the count are 0.</summary>
    /// <param name="view">Memory.</param>
    /// <param name="index">First element.</param>
    /// <param name="count">Elements that are there; more than eight count as eight.</param>
    /// <param name="wide">Not 0 if full octets start at multiples of 16 bytes; the same for all threads.</param>
    public static Octet Load<T, TFormat>(ArrayView<T> view, long index, int count, int wide)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        if (wide != 0 && count >= Octet.Length)
        {
            return TFormat.LoadWide(view, index);
        }

        var octet = default(Octet);
        octet.A = count > 0 ? TFormat.Decode(view[index]) : 0f;
        octet.B = count > 1 ? TFormat.Decode(view[index + 1]) : 0f;
        octet.C = count > 2 ? TFormat.Decode(view[index + 2]) : 0f;
        octet.D = count > 3 ? TFormat.Decode(view[index + 3]) : 0f;
        octet.E = count > 4 ? TFormat.Decode(view[index + 4]) : 0f;
        octet.F = count > 5 ? TFormat.Decode(view[index + 5]) : 0f;
        octet.G = count > 6 ? TFormat.Decode(view[index + 6]) : 0f;
        octet.H = count > 7 ? TFormat.Decode(view[index + 7]) : 0f;
        return octet;
    }

    /// <summary>Writes the first elements of an octet.</summary>
    /// <param name="view">Memory.</param>
    /// <param name="index">First element.</param>
    /// <param name="count">Elements to write; more than eight count as eight.</param>
    /// <param name="wide">As for reading.</param>
    /// <param name="value">The numbers.</param>
    public static void Store<T, TFormat>(ArrayView<T> view, long index, int count, int wide, Octet value)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        if (wide != 0 && count >= Octet.Length)
        {
            TFormat.StoreWide(view, index, value);
            return;
        }

        StoreFirst<T, TFormat>(view, index, count, value);
    }

    private static void StoreFirst<T, TFormat>(ArrayView<T> view, long index, int count, Octet value)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        if (count > 0)
        {
            view[index] = TFormat.Encode(value.A);
        }

        if (count > 1)
        {
            view[index + 1] = TFormat.Encode(value.B);
        }

        if (count > 2)
        {
            view[index + 2] = TFormat.Encode(value.C);
        }

        if (count > 3)
        {
            view[index + 3] = TFormat.Encode(value.D);
        }

        if (count > 4)
        {
            view[index + 4] = TFormat.Encode(value.E);
        }

        if (count > 5)
        {
            view[index + 5] = TFormat.Encode(value.F);
        }

        if (count > 6)
        {
            view[index + 6] = TFormat.Encode(value.G);
        }

        if (count > 7)
        {
            view[index + 7] = TFormat.Encode(value.H);
        }
    }
}

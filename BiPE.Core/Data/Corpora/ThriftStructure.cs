namespace BiPE.Core.Data.Corpora;

/// <summary>
/// Walks over a structure in Thrift's compact protocol without looking at its meaning. The Parquet library reads a damaged footer
/// on and on; what this walk comes to the end of, it comes to the end of too.
/// </summary>
internal ref struct ThriftStructure
{
    private const int DeepestNesting = 32;

    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;

    private ThriftStructure(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Whether the bytes are one whole structure and nothing more.</summary>
    public static bool Fills(ReadOnlySpan<byte> bytes)
    {
        var walk = new ThriftStructure(bytes);
        return walk.SkipFields(0) && walk._position == bytes.Length;
    }

    private bool SkipFields(int depth)
    {
        while (depth < DeepestNesting && Take(out byte header))
        {
            if (header == 0)
            {
                return true;
            }

            // The upper half is the distance to the field before, or 0 if the field's number follows.
            int type = header & 0xF;
            bool isNumbered = header >> 4 != 0 || TakeInteger(out _);
            bool isTruth = type is 1 or 2;
            if (!isNumbered || (!isTruth && !SkipValue(type, depth)))
            {
                return false;
            }
        }

        return false;
    }

    private bool SkipValue(int type, int depth) => type switch
    {
        1 or 2 or 3 => Skip(1),
        4 or 5 or 6 => TakeInteger(out _),
        7 => Skip(sizeof(double)),
        8 => TakeInteger(out ulong length) && Skip(length),
        9 or 10 => SkipList(depth),
        12 => SkipFields(depth + 1),
        _ => false,
    };

    private bool SkipList(int depth)
    {
        if (!Take(out byte header))
        {
            return false;
        }

        ulong count = (ulong)header >> 4;
        bool isFine = count < 15 || TakeInteger(out count);
        for (ulong i = 0; i < count && isFine; i++)
        {
            isFine = SkipValue(header & 0xF, depth + 1);
        }

        return isFine;
    }

    private bool TakeInteger(out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64 && Take(out byte next); shift += 7)
        {
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    private bool Take(out byte value)
    {
        bool isThere = _position < _bytes.Length;
        value = isThere ? _bytes[_position++] : (byte)0;
        return isThere;
    }

    private bool Skip(ulong count)
    {
        bool isThere = count <= (ulong)(_bytes.Length - _position);
        _position += isThere ? (int)count : 0;
        return isThere;
    }
}

using System.Buffers.Binary;

namespace BiPE.Core.Data.Tokenizing;

/// <summary>Token ids as they stand in a token file: 2 or 4 bytes each, little endian.</summary>
internal sealed class TokenBytes
{
    private const int KeptCapacity = 1 << 21;

    private byte[] _bytes = [];
    private int _length;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    /// <summary>Adds ids that fit.</summary>
    public void Add(ReadOnlySpan<int> ids, int elementBytes)
    {
        int length = checked(_length + (ids.Length * elementBytes));
        if (_bytes.Length < length)
        {
            Array.Resize(ref _bytes, (int)Math.Max(length, Math.Min(2L * _bytes.Length, Array.MaxLength)));
        }

        Span<byte> bytes = _bytes.AsSpan(_length, length - _length);
        _length = length;
        if (elementBytes == sizeof(ushort))
        {
            for (int i = 0; i < ids.Length; i++)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(bytes[(i * sizeof(ushort))..], (ushort)ids[i]);
            }
        }
        else
        {
            for (int i = 0; i < ids.Length; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes[(i * sizeof(int))..], ids[i]);
            }
        }
    }

    /// <summary>Empties it; memory that only very long texts need is given up.</summary>
    public void Clear()
    {
        _length = 0;
        if (_bytes.Length > KeptCapacity)
        {
            _bytes = [];
        }
    }
}

using System.Buffers.Binary;
using System.Text;

namespace BiPE.Core.Tests.Checkpoints.Pickle;

/// <summary>Writes the instructions of a pickle one by one, right ones and wrong ones.</summary>
internal sealed class PickleBytes
{
    private readonly List<byte> _bytes = [];

    /// <summary>Begins as pickles of protocol 2 do.</summary>
    public PickleBytes() => Raw(0x80, 2);

    public PickleBytes Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>Instructions whose codes are letters.</summary>
    public PickleBytes Op(string codes) => Raw(Encoding.ASCII.GetBytes(codes));

    public PickleBytes Global(string module, string name) => Op($"c{module}\n{name}\n");

    public PickleBytes Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return Op("X").Raw(Little(bytes.Length, 4)).Raw(bytes);
    }

    public PickleBytes Integer(long value) => Raw(0x8a, 8).Raw(Little(value, 8));

    public PickleBytes Integers(params long[] values)
    {
        Op("(");
        foreach (long value in values)
        {
            Integer(value);
        }

        return Op("t");
    }

    /// <summary>The persistent id of a storage.</summary>
    public PickleBytes Storage(string type, string key, long count, bool legacy = false)
    {
        Op("(").Text("storage").Global("torch", type).Text(key).Text("cpu").Integer(count);
        return Op(legacy ? "NtQ" : "tQ");
    }

    /// <summary>A tensor over a storage.</summary>
    public PickleBytes Tensor(string type, string key, long count, long offset, long[] shape, long[]? strides = null, bool legacy = false)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op("(").Storage(type, key, count, legacy).Integer(offset).Integers(shape);
        return Integers(strides ?? RowMajor(shape)).Raw(0x89).Global("collections", "OrderedDict").Op(")RtR");
    }

    public byte[] Stop() => [.. Op(".")._bytes];

    public static byte[] Little(long value, int size)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes[..size];
    }

    private static long[] RowMajor(long[] shape)
    {
        var strides = new long[shape.Length];
        long step = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = step;
            step *= shape[axis];
        }

        return strides;
    }
}

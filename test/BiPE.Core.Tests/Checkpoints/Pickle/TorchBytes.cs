using System.IO.Compression;
using System.Runtime.InteropServices;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Core.Tests.Checkpoints.Pickle;

/// <summary>Files as torch.save makes them, written from C#.</summary>
internal static class TorchBytes
{
    /// <summary>A zip archive around a pickle and its storages.</summary>
    public static byte[] Zip(byte[] pickle, params (string Name, byte[] Bytes)[] entries)
    {
        using var stream = new MemoryStream();
        WriteZip(stream, pickle, entries.Select(entry => (entry.Name, (Action<Stream>)(target => target.Write(entry.Bytes)))));
        return stream.ToArray();
    }

    public static void WriteZip(Stream stream, byte[] pickle, IEnumerable<(string Name, Action<Stream> Write)> entries)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach ((string name, Action<Stream> write) in entries.Prepend(("data.pkl", target => target.Write(pickle))))
        {
            using Stream entry = archive.CreateEntry($"model/{name}", CompressionLevel.NoCompression).Open();
            write(entry);
        }
    }

    /// <summary>The layout before version 1.6 around a pickle and its storages, all of float32.</summary>
    public static byte[] Legacy(byte[] pickle, params (string Key, float[] Values)[] storages)
    {
        using var stream = new MemoryStream();
        stream.Write(new PickleBytes().Raw(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19).Stop());
        stream.Write(new PickleBytes().Integer(1001).Stop());
        stream.Write(new PickleBytes().Op("}").Text("little_endian").Raw(0x88).Op("s").Stop());
        stream.Write(pickle);
        var keys = new PickleBytes().Op("](");
        foreach ((string key, _) in storages)
        {
            keys.Text(key);
        }

        stream.Write(keys.Op("e").Stop());
        foreach ((_, float[] values) in storages)
        {
            stream.Write(PickleBytes.Little(values.Length, 8));
            stream.Write(MemoryMarshal.AsBytes<float>(values));
        }

        return stream.ToArray();
    }

    /// <summary>Tensors of a model by their names in checkpoints.</summary>
    public static IEnumerable<(string Name, long[] Shape, float[] Values)> TensorsOf(LanguageModel model) =>
        from parameter in model.Parameters
        from part in parameter.Parts
        let value = parameter.Value.Slice(part.FirstRow, part.RowCount)
        select (part.Name, Enumerable.Range(0, value.Shape.Rank).Select(axis => (long)value.Shape[axis]).ToArray(), model.Backend.ReadFloats(value));

    /// <summary>A file of float32 tensors, matrices stored transposed where asked for.</summary>
    public static byte[] Save(IEnumerable<(string Name, long[] Shape, float[] Values)> tensors, bool legacy = false, bool transposed = false)
    {
        var pickle = new PickleBytes().Global("collections", "OrderedDict").Op(")R(");
        var storages = new List<(string Key, float[] Values)>();
        foreach ((string name, long[] shape, float[] values) in tensors)
        {
            bool turns = transposed && shape.Length == 2;
            string key = storages.Count.ToString();
            pickle.Text(name).Tensor("FloatStorage", key, values.Length, 0, shape, turns ? [1, shape[0]] : null, legacy);
            storages.Add((key, turns ? Transpose(values, shape) : values));
        }

        byte[] whole = pickle.Op("u").Stop();
        return legacy
            ? Legacy(whole, [.. storages])
            : Zip(whole, [.. storages.Select(storage => ($"data/{storage.Key}", MemoryMarshal.AsBytes<float>(storage.Values).ToArray()))]);
    }

    private static float[] Transpose(float[] values, long[] shape)
    {
        var turned = new float[values.Length];
        for (long row = 0; row < shape[0]; row++)
        {
            for (long column = 0; column < shape[1]; column++)
            {
                turned[(column * shape[0]) + row] = values[(row * shape[1]) + column];
            }
        }

        return turned;
    }
}

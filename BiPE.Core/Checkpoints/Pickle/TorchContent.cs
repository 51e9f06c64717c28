using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace BiPE.Core.Checkpoints.Pickle;

/// <summary>What a PyTorch file says it holds.</summary>
/// <param name="Format">The format in words.</param>
/// <param name="Root">What was saved.</param>
/// <param name="Offsets">First byte of each storage, by key.</param>
/// <param name="IsBigEndian">Whether elements are stored with their highest byte first.</param>
internal sealed record TorchContent(string Format, object? Root, IReadOnlyDictionary<string, long> Offsets, bool IsBigEndian)
{
    private const long LegacyProtocol = 1001;
    private static readonly BigInteger LegacyMagic = BigInteger.Parse("119547037146038801333356");

    /// <summary>Reads the description of a file in either format.</summary>
    /// <exception cref="BipeException">The file is damaged, in another format, or holds something else than tensors.</exception>
    public static TorchContent Read(string path, MappedBytes file)
    {
        ReadOnlySpan<byte> start = file.Slice(0, (int)Math.Min(file.Length, GitLfsPointer.StartLength));
        if (start.StartsWith("PK\u0003\u0004"u8))
        {
            return ReadZip(path, file);
        }

        GitLfsPointer.Refuse(path, start);
        return start.StartsWith<byte>([(byte)PickleOpcode.Protocol])
            ? ReadLegacy(path, file)
            : throw PickleFault.Damaged(path, "it begins neither as a zip archive nor as a pickle");
    }

    private static TorchContent ReadZip(string path, MappedBytes file)
    {
        const string Pickle = "/data.pkl";
        var directory = new ZipDirectory(path, file);
        string[] pickles = [.. directory.Names.Where(name => name.EndsWith(Pickle, StringComparison.Ordinal) && name.IndexOf('/') == name.Length - Pickle.Length)];
        if (pickles.Length != 1)
        {
            throw PickleFault.Damaged(path, $"its zip archive has {pickles.Length} entries '*{Pickle}', expected one");
        }

        string folder = pickles[0][..^Pickle.Length];
        if (directory.Names.Any(name => name.StartsWith($"{folder}/code/", StringComparison.Ordinal)) || directory.Find($"{folder}/constants.pkl") is not null)
        {
            throw PickleFault.Refused(path, "holds a TorchScript program");
        }

        var globals = new TorchGlobals(path);
        (long offset, long length) = directory.Find(pickles[0])!.Value;
        if (length > PickleMachine.MaximumLength)
        {
            throw PickleFault.Damaged(path, $"its pickle has {length} bytes, expected at most {PickleMachine.MaximumLength}");
        }

        object? root = PickleMachine.Read(path, file.Slice(offset, (int)length), globals, out _);
        var offsets = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (TorchStorage storage in globals.Storages.Values)
        {
            if (directory.Find($"{folder}/data/{storage.Key}") is not { } place || place.Length / storage.Type.Size < storage.Count)
            {
                throw PickleFault.Damaged(path, $"the {storage.Count} elements of its storage {PickleFault.Quote(storage.Key)} are not in the file");
            }

            offsets.Add(storage.Key, place.Offset);
        }

        return new TorchContent("PyTorch zip archive", root, offsets, IsZipBigEndian(path, file, directory.Find($"{folder}/byteorder")));
    }

    private static bool IsZipBigEndian(string path, MappedBytes file, (long Offset, long Length)? entry)
    {
        if (entry is not { } place)
        {
            return false;
        }

        string order = Encoding.ASCII.GetString(file.Slice(place.Offset, (int)Math.Min(place.Length, 16)));
        return order switch
        {
            "little" => false,
            "big" => true,
            _ => throw PickleFault.Damaged(path, $"its byte order is {PickleFault.Quote(order)}, expected 'little' or 'big'"),
        };
    }

    /// <summary>Pickles of a magic number, a version, the machine, the object and the storages' keys; then the storages.</summary>
    private static TorchContent ReadLegacy(string path, MappedBytes file)
    {
        var globals = new TorchGlobals(path);
        long at = 0;
        if (Next() is not BigInteger magic || magic != LegacyMagic || Next() is not LegacyProtocol)
        {
            throw PickleFault.Damaged(path, "it is a pickle that torch.save did not make");
        }

        // The description of the machine does not matter: torch writes this format's storages with their lowest byte first everywhere.
        Next();
        object? root = Next();
        if (Next() is not PickleList keys)
        {
            throw PickleFault.Damaged(path, "it has no list of its storages");
        }

        var offsets = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (object? item in keys.Items)
        {
            // Each storage begins with its number of elements.
            TorchStorage? storage = item is string key ? globals.Storages.GetValueOrDefault(key) : null;
            long begin = at + sizeof(long);
            if (storage is null || begin > file.Length || BinaryPrimitives.ReadInt64LittleEndian(file.Slice(at, sizeof(long))) != storage.Count
                || storage.Count > (file.Length - begin) / storage.Type.Size || !offsets.TryAdd(storage.Key, begin))
            {
                throw PickleFault.Damaged(path, $"its storage {PickleFault.Quote($"{item}")} is not what its pickle says or not all there");
            }

            at = begin + (storage.Count * storage.Type.Size);
        }

        return new TorchContent("PyTorch file of before 1.6", root, offsets, IsBigEndian: false);

        object? Next()
        {
            object? value = PickleMachine.Read(path, file.Slice(at, (int)Math.Min(file.Length - at, PickleMachine.MaximumLength)), globals, out int length);
            at += length;
            return value;
        }
    }
}

using System.Buffers.Binary;

namespace BiPE.Core.Data.Corpora;

/// <summary>
/// Walks over the lists in the description of an Arrow message or in a file's footer, both FlatBuffers (Arrow's Message.fbs,
/// Schema.fbs and File.fbs). Their reader takes memory for as many members as a list says it has; here none may have more than there
/// is room for.
/// </summary>
internal ref struct ArrowDescription
{
    private const int DeepestNesting = 64;
    private const int OffsetBytes = 4;
    private const int BlockBytes = 24;
    private const int PairBytes = 16;

    private readonly ReadOnlySpan<byte> _bytes;
    private int _fieldsLeft;

    private ArrowDescription(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        _fieldsLeft = bytes.Length;
    }

    /// <summary>Checks a message's description.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static void RequireMessage(ReadOnlySpan<byte> bytes) => Require(bytes, isFooter: false);

    /// <summary>Checks a footer.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static void RequireFooter(ReadOnlySpan<byte> bytes) => Require(bytes, isFooter: true);

    private static void Require(ReadOnlySpan<byte> bytes, bool isFooter)
    {
        var walk = new ArrowDescription(bytes);
        try
        {
            int root = walk.Follow(0);
            if (isFooter)
            {
                walk.Schema(walk.Table(root, 1));
                walk.List(root, 2, BlockBytes);
                walk.List(root, 3, BlockBytes);
            }
            else
            {
                walk.Message(root);
            }
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("the description of its contents is damaged", e);
        }
    }

    private void Message(int table)
    {
        int header = Table(table, 2);
        int kind = Find(table, 1) is var at and > 0 ? _bytes[at] : 0;
        switch (kind)
        {
            case 1:
                Schema(header);
                break;
            case 2 when header > 0:
                Batch(Table(header, 1));
                break;
            case 3:
                Batch(header);
                break;
        }
    }

    private readonly void Batch(int table)
    {
        List(table, 1, PairBytes);
        (int buffers, _) = List(table, 2, PairBytes);
        (int count, int start) = List(table, 4, sizeof(long));
        for (int i = 0; i < count; i++)
        {
            long variable = BinaryPrimitives.ReadInt64LittleEndian(_bytes[(start + (i * sizeof(long)))..]);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(variable, buffers);
        }
    }

    private void Schema(int table)
    {
        Fields(table, 1, 0);
        List(table, 2, OffsetBytes);
    }

    private void Fields(int table, int slot, int depth)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(depth, DeepestNesting);
        (int count, int start) = List(table, slot, OffsetBytes);

        // Several lists may name the same fields, so that a few bytes could stand for any number of them.
        _fieldsLeft -= count;
        ArgumentOutOfRangeException.ThrowIfNegative(_fieldsLeft);
        for (int i = 0; i < count; i++)
        {
            int field = Follow(start + (i * OffsetBytes));
            Fields(field, 5, depth + 1);
            List(field, 6, OffsetBytes);
        }
    }

    /// <summary>Number of members of a list and where they begin; none if it is absent.</summary>
    private readonly (int Count, int Start) List(int table, int slot, int memberBytes)
    {
        if (Find(table, slot) is not (var at and > 0))
        {
            return (0, 0);
        }

        int list = Follow(at);
        int count = BinaryPrimitives.ReadInt32LittleEndian(_bytes[list..]);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, (_bytes.Length - list - OffsetBytes) / memberBytes);
        return (count, list + OffsetBytes);
    }

    private readonly int Table(int table, int slot) => Find(table, slot) is var at and > 0 ? Follow(at) : 0;

    /// <summary>Where a table has the value of a slot; 0 if it has none, or there is no table.</summary>
    private readonly int Find(int table, int slot)
    {
        if (table == 0)
        {
            return 0;
        }

        int slots = checked(table - BinaryPrimitives.ReadInt32LittleEndian(_bytes[table..]));
        int entry = 4 + (2 * slot);
        int offset = entry < BinaryPrimitives.ReadUInt16LittleEndian(_bytes[slots..])
            ? BinaryPrimitives.ReadUInt16LittleEndian(_bytes[(slots + entry)..])
            : 0;
        return offset == 0 ? 0 : table + offset;
    }

    private readonly int Follow(int at) => checked(at + BinaryPrimitives.ReadInt32LittleEndian(_bytes[at..]));
}

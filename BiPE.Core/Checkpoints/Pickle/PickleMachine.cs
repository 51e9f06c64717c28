using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace BiPE.Core.Checkpoints.Pickle;

/// <summary>
/// Runs the instructions of one pickle as far as tensors need them. Names come from a closed list (<see cref="TorchGlobals"/>), and
/// what is "called" is a few fixed constructions in this library: nothing of the file is ever executed. Memory is bounded by the
/// number of instructions and the pickle's own bytes; nothing recurses.
/// </summary>
internal ref struct PickleMachine
{
    /// <summary>Longest pickle that is read, in bytes; that of a model with a thousand tensors takes a hundredth of it.</summary>
    public const int MaximumLength = 16 << 20;

    private const int MaximumInstructions = 1_000_000;
    private const int MaximumProtocol = 5;
    private const int MaximumIntegerBytes = 16;
    private static readonly object MarkValue = new();
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _path;
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];
    private readonly TorchGlobals _globals;
    private int _at;

    private PickleMachine(string path, ReadOnlySpan<byte> bytes, TorchGlobals globals)
    {
        _path = path;
        _bytes = bytes;
        _globals = globals;
    }

    /// <summary>Reads one pickle.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="bytes">Begins with the pickle; more may follow.</param>
    /// <param name="globals">Names and storages of the file.</param>
    /// <param name="length">Bytes the pickle takes.</param>
    /// <exception cref="BipeException">The pickle is damaged or holds something else than tensors need.</exception>
    public static object? Read(string path, ReadOnlySpan<byte> bytes, TorchGlobals globals, out int length)
    {
        var machine = new PickleMachine(path, bytes[..Math.Min(bytes.Length, MaximumLength)], globals);
        object? result = machine.Run();
        length = machine._at;
        return result;
    }

    private object? Run()
    {
        for (int count = 0; count < MaximumInstructions; count++)
        {
            int at = _at;
            var opcode = (PickleOpcode)Take(1)[0];
            if (opcode == PickleOpcode.Stop)
            {
                object? result = Pop();
                return _stack.Count == 0 ? result : throw Fault($"its pickle ends with {_stack.Count} values too many");
            }

            if (!PushConstant(opcode) && !Collect(opcode) && !Refer(opcode))
            {
                throw PickleFault.Refused(_path, $"has the pickle instruction {PickleNames.Of((byte)opcode)} at byte {at}");
            }
        }

        throw Fault($"its pickle has more than {MaximumInstructions} instructions");
    }

    private bool PushConstant(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Protocol:
                byte protocol = Take(1)[0];
                return protocol <= MaximumProtocol ? true : throw Fault($"its pickle is of protocol {protocol}, known are 0 to {MaximumProtocol}");
            case PickleOpcode.Frame:
                Take(8);
                return true;
            case PickleOpcode.None:
                return Push(null);
            case PickleOpcode.True:
                return Push(true);
            case PickleOpcode.False:
                return Push(false);
            case PickleOpcode.UInt8:
                return Push((long)Take(1)[0]);
            case PickleOpcode.UInt16:
                return Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
            case PickleOpcode.Int32:
                return Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
            case PickleOpcode.Long8:
                int size = Take(1)[0];
                return size <= MaximumIntegerBytes
                    ? PushInteger(new BigInteger(Take(size)))
                    : throw Fault($"its pickle has an integer of {size} bytes");
            case PickleOpcode.BinaryFloat:
                return Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));
            case PickleOpcode.String8:
            case PickleOpcode.Unicode8:
                return Push(Text(Take(1)[0]));
            case PickleOpcode.String32:
            case PickleOpcode.Unicode32:
                return Push(Text(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
            case PickleOpcode.Unicode64:
                return Push(Text(BinaryPrimitives.ReadUInt64LittleEndian(Take(8))));
            default:
                return false;
        }
    }

    private bool Collect(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Mark:
                return Push(MarkValue);
            case PickleOpcode.Pop:
                Pop(allowsMark: true);
                return true;
            case PickleOpcode.PopMark:
                PopToMark();
                return true;
            case PickleOpcode.Duplicate:
                return Push(Peek());
            case PickleOpcode.EmptyTuple:
                return Push(new PickleTuple());
            case PickleOpcode.Tuple1:
            case PickleOpcode.Tuple2:
            case PickleOpcode.Tuple3:
                var items = new object?[opcode - PickleOpcode.Tuple1 + 1];
                for (int i = items.Length - 1; i >= 0; i--)
                {
                    items[i] = Pop();
                }

                return Push(new PickleTuple(items));
            case PickleOpcode.Tuple:
                return Push(new PickleTuple(PopToMark()));
            case PickleOpcode.EmptyList:
                return Push(new PickleList());
            case PickleOpcode.Append:
                object? item = Pop();
                PeekList().Items.Add(item);
                return true;
            case PickleOpcode.Appends:
                object?[] appended = PopToMark();
                PeekList().Items.AddRange(appended);
                return true;
            case PickleOpcode.EmptyDictionary:
                return Push(new PickleDictionary(isOrdered: false));
            case PickleOpcode.SetItem:
                object? value = Pop();
                object? key = Pop();
                SetItems([key, value]);
                return true;
            case PickleOpcode.SetItems:
                SetItems(PopToMark());
                return true;
            default:
                return false;
        }
    }

    private bool Refer(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Put8:
                return Remember(Take(1)[0]);
            case PickleOpcode.Put32:
                return Remember(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
            case PickleOpcode.Memoize:
                return Remember(_memo.Count);
            case PickleOpcode.Get8:
                return Recall(Take(1)[0]);
            case PickleOpcode.Get32:
                return Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
            case PickleOpcode.Global:
                string module = Line();
                return Push(_globals.Find(module, Line()));
            case PickleOpcode.StackGlobal:
                string name = PopText("the name of a global");
                return Push(_globals.Find(PopText("the module of a global"), name));
            case PickleOpcode.Reduce:
                object? arguments = Pop();
                return Push(_globals.Call(Pop(), arguments));
            case PickleOpcode.BinaryPersistentId:
                return Push(_globals.Storage(Pop()));
            case PickleOpcode.Build:
                object? state = Pop();
                return Peek() is PickleDictionary { IsOrdered: true } && state is PickleDictionary
                    ? true // attributes of a state_dict: versions of its modules
                    : throw PickleFault.Refused(_path, $"sets attributes of {PickleFault.Kind(Peek())} (the pickle instruction BUILD)");
            default:
                return false;
        }
    }

    private readonly void SetItems(ReadOnlySpan<object?> pairs)
    {
        if (Peek() is not PickleDictionary dictionary || pairs.Length % 2 != 0)
        {
            throw Fault($"its pickle sets {pairs.Length} keys and values of {PickleFault.Kind(Peek())}, expected pairs and a dictionary");
        }

        for (int i = 0; i < pairs.Length; i += 2)
        {
            // Texts alone: their hashes are seeded, so that no file can make the dictionary slow.
            dictionary.Items[pairs[i] as string ?? throw Fault($"its pickle has {PickleFault.Kind(pairs[i])} as a key")] = pairs[i + 1];
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _at)
        {
            throw Fault($"its pickle ends in the middle of an instruction, at byte {_bytes.Length}");
        }

        ReadOnlySpan<byte> taken = _bytes.Slice(_at, count);
        _at += count;
        return taken;
    }

    private string Text(ulong length)
    {
        if (length > (ulong)(_bytes.Length - _at))
        {
            throw Fault($"its pickle has a text of {length} bytes, but only {_bytes.Length - _at} follow");
        }

        return Decode(Take((int)length));
    }

    private string Line()
    {
        int length = _bytes[_at..].IndexOf((byte)'\n');
        string text = Decode(Take(length < 0 ? throw Fault("its pickle has a name without an end") : length));
        Take(1);
        return text;
    }

    private readonly string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Fault("its pickle has a text that is not UTF-8");
        }
    }

    private readonly bool PushInteger(BigInteger value) =>
        value >= long.MinValue && value <= long.MaxValue ? Push((long)value) : Push(value);

    private readonly bool Push(object? value)
    {
        _stack.Add(value);
        return true;
    }

    private readonly object? Peek() => _stack.Count > 0 ? _stack[^1] : throw Fault("its pickle takes a value that is not there");

    private readonly object? Pop(bool allowsMark = false)
    {
        object? value = Peek();
        if (ReferenceEquals(value, MarkValue) && !allowsMark)
        {
            throw Fault("its pickle takes a mark for a value");
        }

        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private readonly object?[] PopToMark()
    {
        int mark = _stack.LastIndexOf(MarkValue);
        if (mark < 0)
        {
            throw Fault("its pickle looks for a mark that is not there");
        }

        var items = new object?[_stack.Count - mark - 1];
        _stack.CopyTo(mark + 1, items, 0, items.Length);
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private readonly PickleList PeekList() =>
        Peek() as PickleList ?? throw Fault($"its pickle appends to {PickleFault.Kind(Peek())}, expected a list");

    private readonly string PopText(string what) => Pop() switch
    {
        string text => text,
        { } other => throw Fault($"its pickle has {PickleFault.Kind(other)} for {what}"),
        null => throw Fault($"its pickle has None for {what}"),
    };

    private readonly bool Remember(long index)
    {
        object? value = Peek();
        if (index >= MaximumInstructions || ReferenceEquals(value, MarkValue))
        {
            throw Fault($"its pickle remembers {PickleFault.Kind(value)} as number {index}");
        }

        _memo[index] = value;
        return true;
    }

    private readonly bool Recall(long index) => _memo.TryGetValue(index, out object? value)
        ? Push(value)
        : throw Fault($"its pickle recalls value {index}, which it has not remembered");

    private readonly BipeException Fault(string what) => PickleFault.Damaged(_path, what);
}

using System.Globalization;

namespace BiPE.Testing.Ptx;

/// <summary>Reads the PTX of one kernel as ILGPU writes it: one label, declaration or instruction a line.</summary>
internal sealed class PtxParser
{
    // Arrays lie apart, so that what runs over one's end does not land in the next.
    private const int SharedGap = 256;

    private static readonly string[] Ignored = [".version", ".target", ".address_size", "{", "}", ")"];

    private readonly Dictionary<string, int> _registers = [];
    private readonly Dictionary<string, int> _labels = [];
    private readonly List<PtxInstruction> _instructions = [];
    private readonly List<(int Register, ulong Bits)> _constants = [];
    private readonly List<(int Register, string Name)> _places = [];
    private readonly List<(int Register, PtxSharedArray Array)> _sharedAddresses = [];
    private string _name = "";
    private string _parameters = "";
    private int _parameterBytes;
    private int _sharedEnd;
    private int _line;
    private string _text = "";

    /// <summary>Reads a program.</summary>
    /// <param name="text">PTX.</param>
    public PtxProgram Parse(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            _line++;
            _text = line.Split("//")[0].Trim().Replace('\t', ' ');
            if (_text.Length > 0)
            {
                ReadLine();
            }
        }

        Link();
        return new PtxProgram
        {
            Name = _name,
            Instructions = [.. _instructions],
            Registers = [.. _registers.Keys],
            Constants = _constants,
            Places = _places,
            SharedAddresses = _sharedAddresses,
            SharedArrays = [.. _sharedAddresses.Select(shared => shared.Array)],
            ParameterAddress = _registers.GetValueOrDefault(_parameters, -1),
            ParameterBytes = _parameterBytes,
        };
    }

    private void ReadLine()
    {
        if (_text.StartsWith(".visible .entry ", StringComparison.Ordinal) && _name.Length == 0)
        {
            _name = _text[".visible .entry ".Length..].TrimEnd('(', ' ');
        }
        else if (_text.StartsWith(".param ", StringComparison.Ordinal) && _parameters.Length == 0)
        {
            (_parameters, _parameterBytes, _) = ReadArray();
            _ = Declare(_parameters);
        }
        else if (_text.StartsWith(".shared ", StringComparison.Ordinal))
        {
            (string name, int bytes, int alignment) = ReadArray();
            int start = (_sharedEnd + alignment - 1) / alignment * alignment;
            _sharedAddresses.Add((Declare(name), new PtxSharedArray(start, bytes)));
            _sharedEnd = start + bytes + SharedGap;
        }
        else if (_text.StartsWith(".reg ", StringComparison.Ordinal))
        {
            string names = _text[_text.IndexOf('%', StringComparison.Ordinal).._text.IndexOf('<', StringComparison.Ordinal)];
            int count = int.Parse(Between(_text, '<', '>'), CultureInfo.InvariantCulture);
            for (int i = 0; i < count; i++)
            {
                _ = Declare($"{names}{i}");
            }
        }
        else if (_text.EndsWith(':'))
        {
            _labels.Add(_text[..^1], _instructions.Count);
        }
        else if (_text.EndsWith(';') && _text[0] != '.')
        {
            _instructions.Add(ReadInstruction(_text[..^1].TrimEnd()));
        }
        else if (!Ignored.Any(word => _text.StartsWith(word, StringComparison.Ordinal)))
        {
            throw Unknown("this line is not known");
        }
    }

    private PtxInstruction ReadInstruction(string text)
    {
        int guard = -1;
        bool isNegated = false;
        if (text[0] == '@')
        {
            int end = text.IndexOf(' ', StringComparison.Ordinal);
            isNegated = text[1] == '!';
            guard = Operand(text[(isNegated ? 2 : 1)..end]);
            text = text[end..].TrimStart();
        }

        int space = text.IndexOf(' ', StringComparison.Ordinal);
        string name = space < 0 ? text : text[..space];
        string[] operands = space < 0 ? [] : SplitOperands(text[space..]);
        string[] parts = name.Split('.');
        switch (parts[0])
        {
            case "bra" when operands.Length == 1:
                return Make(PtxOperation.Branch) with { Label = operands[0], IsUniform = parts.Contains("uni") };
            case "ret":
                return Make(PtxOperation.Return);
            case "bar" when name == "bar.sync" && operands is ["0"]:
                return Make(PtxOperation.Barrier);
            case "shfl" when parts is [_, "sync", var kind, "b32"] && operands.Length == 5 && Enum.TryParse(kind, true, out PtxShuffle shuffle):
                return Make(PtxOperation.Shuffle) with
                {
                    Shuffle = shuffle, Destinations = [Operand(operands[0])], Sources = [.. operands[1..].Select(Operand)],
                };
            case "ld" when operands.Length == 2:
                return Access(PtxOperation.Load, parts[1], operands[1], parts[^1]) with { Destinations = Elements(operands[0], parts) };
            case "st" when operands.Length == 2:
                PtxInstruction store = Access(PtxOperation.Store, parts[1], operands[0], parts[^1]);
                return store with { Sources = [.. store.Sources, .. Elements(operands[1], parts)] };
            case "red" when parts is [_, _, "global", _] && operands.Length == 2:
                PtxInstruction reduce = Access(PtxOperation.Reduce, parts[2], operands[0], parts[3]);
                return reduce with
                {
                    Function = FunctionOf($"{parts[1]}.{parts[3]}", 2), Sources = [.. reduce.Sources, Operand(operands[1])],
                };
            default:
                return Make(PtxOperation.Compute) with
                {
                    Function = FunctionOf(name, operands.Length - 1),
                    Destinations = [Operand(operands[0])],
                    Sources = [.. operands[1..].Select(Operand)],
                };
        }

        PtxInstruction Make(PtxOperation operation) =>
            new() { Operation = operation, Text = _text, Line = _line, Guard = guard, IsGuardNegated = isNegated };

        PtxInstruction Access(PtxOperation operation, string spaceName, string address, string type)
        {
            string[] terms = Between(address, '[', ']').Split('+');
            return Make(operation) with
            {
                Space = spaceName switch
                {
                    "param" => PtxSpace.Parameters,
                    "global" => PtxSpace.Global,
                    "shared" => PtxSpace.Shared,
                    _ => throw Unknown("this kind of memory is not known"),
                },
                Size = int.TryParse(type.AsSpan(1), out int bits) ? bits / 8 : throw Unknown("this type is not known"),
                Sources = [Operand(terms[0].Trim())],
                Offset = terms.Length == 1 ? 0 : long.Parse(terms[1], CultureInfo.InvariantCulture),
            };
        }
    }

    private PtxFunction FunctionOf(string name, int operands) =>
        PtxFunctions.TryFind(name, out int sources, out PtxFunction function) && sources == operands
            ? function
            : throw Unknown("this instruction is not known");

    private int[] Elements(string operand, string[] parts)
    {
        string[] names = operand[0] == '{' ? SplitOperands(Between(operand, '{', '}')) : [operand];
        int wanted = parts.Contains("v4") ? 4 : parts.Contains("v2") ? 2 : 1;
        return names.Length == wanted ? [.. names.Select(Operand)] : throw Unknown($"there are {names.Length} elements, not {wanted}");
    }

    private int Operand(string name)
    {
        if (_registers.TryGetValue(name, out int register))
        {
            return register;
        }

        if (name is "%tid.x" or "%ntid.x" or "%ctaid.x" or "%nctaid.x" or "%laneid")
        {
            register = Declare(name);
            _places.Add((register, name));
            return register;
        }

        if (!TryReadConstant(name, out ulong bits))
        {
            throw Unknown($"{name} is not declared");
        }

        register = Declare(name);
        _constants.Add((register, bits));
        return register;
    }

    private static bool TryReadConstant(string text, out ulong bits)
    {
        if (text.StartsWith("0f", StringComparison.OrdinalIgnoreCase) || text.StartsWith("0d", StringComparison.OrdinalIgnoreCase))
        {
            return ulong.TryParse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out bits);
        }

        bool isNegative = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long signed);
        bits = (ulong)signed;
        return isNegative || ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out bits);
    }

    private int Declare(string name)
    {
        int register = _registers.Count;
        return _registers.TryAdd(name, register) ? register : throw Unknown($"{name} is declared twice");
    }

    private (string Name, int Bytes, int Alignment) ReadArray()
    {
        // .shared .align 4 .b8 name[128];
        string[] words = _text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is [_, ".align", var alignment, ".b8", var array]
            ? (array[..array.IndexOf('[', StringComparison.Ordinal)], int.Parse(Between(array, '[', ']'), CultureInfo.InvariantCulture),
                int.Parse(alignment, CultureInfo.InvariantCulture))
            : throw Unknown("this array is not known");
    }

    private void Link()
    {
        bool hasEnd = _instructions is [.., { Operation: PtxOperation.Return or PtxOperation.Branch, Guard: -1 }];
        if (!hasEnd)
        {
            throw Unknown("the program runs on behind its end");
        }

        foreach (PtxInstruction branch in _instructions.Where(instruction => instruction.Operation == PtxOperation.Branch))
        {
            branch.Target = _labels.TryGetValue(branch.Label, out int target)
                ? target
                : throw new PtxFaultException($"{_name}, line {branch.Line}, {branch.Text}: there is no such label.");
        }

        PtxJoins.Find(_instructions);
    }

    private PtxFaultException Unknown(string what) => new($"{_name}, line {_line}, {_text}: {what}.");

    private static string Between(string text, char open, char close)
    {
        int start = text.IndexOf(open, StringComparison.Ordinal);
        int end = text.LastIndexOf(close);
        return text[(start + 1)..end];
    }

    /// <summary>Splits at commas that are not within braces.</summary>
    private static string[] SplitOperands(string text)
    {
        var operands = new List<string>();
        int start = 0;
        bool isInside = false;
        for (int i = 0; i < text.Length; i++)
        {
            isInside = text[i] == '{' || (isInside && text[i] != '}');
            if (text[i] == ',' && !isInside)
            {
                operands.Add(text[start..i].Trim());
                start = i + 1;
            }
        }

        operands.Add(text[start..].Trim());
        return [.. operands];
    }
}

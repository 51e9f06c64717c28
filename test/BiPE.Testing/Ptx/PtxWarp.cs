using System.Numerics;

namespace BiPE.Testing.Ptx;

/// <summary>
/// A warp, whose lanes go through the program together. Where they branch apart, one side runs first, then the other, until both
/// have come to where all ways meet again.
/// </summary>
internal sealed unsafe class PtxWarp
{
    /// <summary>Lanes of a warp.</summary>
    public const int Lanes = 32;

    private readonly PtxProgram _program;
    private readonly PtxMemory _memory;
    private readonly int _firstThread;
    private readonly uint _all;

    /// <summary>By register, then by lane.</summary>
    private readonly ulong[] _registers;

    /// <summary>For every register, the lanes that have written it.</summary>
    private readonly uint[] _written;
    private readonly uint[] _writtenAtStart;
    private readonly Stack<Path> _paths = new();
    private uint _running;
    private int _group;

    /// <summary>Makes a warp.</summary>
    /// <param name="program">What it runs.</param>
    /// <param name="memory">What it may touch.</param>
    /// <param name="firstThread">Its first thread's number in the group.</param>
    /// <param name="groupSize">Threads of the group.</param>
    /// <param name="groups">Groups.</param>
    /// <param name="parameters">Address of the operands.</param>
    public PtxWarp(PtxProgram program, PtxMemory memory, int firstThread, int groupSize, int groups, ulong parameters)
    {
        _program = program;
        _memory = memory;
        _firstThread = firstThread;
        int lanes = Math.Min(Lanes, groupSize - firstThread);
        _all = uint.MaxValue >> (Lanes - lanes);
        _registers = new ulong[program.Registers.Count * Lanes];
        _written = new uint[program.Registers.Count];
        if (program.ParameterAddress >= 0)
        {
            SetAll(program.ParameterAddress, parameters);
        }

        foreach ((int register, ulong bits) in program.Constants)
        {
            SetAll(register, bits);
        }

        foreach ((int register, PtxSharedArray array) in program.SharedAddresses)
        {
            SetAll(register, memory.Shared.Base + (ulong)array.Start);
        }

        foreach ((int register, string name) in program.Places)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                _registers[(register * Lanes) + lane] = name switch
                {
                    "%tid.x" => (ulong)(firstThread + lane),
                    "%ntid.x" => (ulong)groupSize,
                    "%nctaid.x" => (ulong)groups,
                    _ => (ulong)lane,
                };
            }

            _written[register] = uint.MaxValue;
        }

        _writtenAtStart = [.. _written];
    }

    /// <summary>Puts all lanes at the program's start.</summary>
    /// <param name="group">Number of the group.</param>
    public void Begin(int group)
    {
        _group = group;
        _running = _all;
        _writtenAtStart.CopyTo(_written, 0);
        foreach ((int register, _) in _program.Places.Where(place => place.Name == "%ctaid.x"))
        {
            SetAll(register, (ulong)group);
        }

        _paths.Clear();
        _paths.Push(new Path(0, -1, _all));
    }

    /// <summary>Runs to the next barrier and returns it; null if all lanes have ended.</summary>
    public PtxInstruction? RunToBarrier()
    {
        while (_paths.TryPeek(out Path? path))
        {
            uint lanes = path.Lanes & _running;
            if (lanes == 0 || path.At == path.Join)
            {
                _ = _paths.Pop();
                continue;
            }

            PtxInstruction instruction = _program.Instructions[path.At];
            path.At++;
            uint guarded = Guarded(instruction, lanes);
            RequireWritten(instruction, guarded);
            switch (instruction.Operation)
            {
                case PtxOperation.Compute:
                    Compute(instruction, guarded);
                    break;
                case PtxOperation.Branch:
                    Branch(instruction, path, lanes, guarded);
                    break;
                case PtxOperation.Load:
                    Load(instruction, guarded);
                    break;
                case PtxOperation.Store:
                    Store(instruction, guarded);
                    break;
                case PtxOperation.Reduce:
                    Reduce(instruction, guarded);
                    break;
                case PtxOperation.Shuffle:
                    Shuffle(instruction, guarded);
                    break;
                case PtxOperation.Return:
                    _running &= ~guarded;
                    break;
                default:
                    return guarded == _all
                        ? instruction
                        : throw Fault(
                            instruction, $"not all threads of the group reach this barrier together, threads {Threads(_all & ~guarded)} do not");
            }
        }

        return null;
    }

    private void SetAll(int register, ulong bits)
    {
        Register(register).Fill(bits);
        _written[register] = uint.MaxValue;
    }

    private Span<ulong> Register(int register) => _registers.AsSpan(register * Lanes, Lanes);

    private uint Guarded(PtxInstruction instruction, uint lanes)
    {
        if (instruction.Guard < 0)
        {
            return lanes;
        }

        RequireWritten(instruction, instruction.Guard, lanes);
        ReadOnlySpan<ulong> predicate = Register(instruction.Guard);
        uint taken = 0;
        for (int lane = predicate.Length - 1; lane >= 0; lane--)
        {
            // Predicates are 0 or 1.
            taken = (taken << 1) | (uint)predicate[lane];
        }

        return lanes & (instruction.IsGuardNegated ? ~taken : taken);
    }

    private void RequireWritten(PtxInstruction instruction, uint lanes)
    {
        foreach (int register in instruction.Sources)
        {
            RequireWritten(instruction, register, lanes);
        }
    }

    private void RequireWritten(PtxInstruction instruction, int register, uint lanes)
    {
        if ((lanes & ~_written[register]) is not 0 and uint missing)
        {
            throw Fault(instruction, $"{_program.Registers[register]} was never written by threads {Threads(missing)}");
        }
    }

    private void Compute(PtxInstruction instruction, uint lanes)
    {
        int[] sources = instruction.Sources;
        PtxFunction function = instruction.Function!;
        try
        {
            int second = sources[sources.Length > 1 ? 1 : 0];
            function(Register(instruction.Destinations[0]), Register(sources[0]), Register(second), Register(sources[^1]), lanes);
        }
        catch (ArithmeticException e)
        {
            throw Fault(instruction, $"the quotient is not defined ({e.Message.TrimEnd('.')})", e);
        }

        _written[instruction.Destinations[0]] |= lanes;
    }

    private void Branch(PtxInstruction instruction, Path path, uint lanes, uint taken)
    {
        if (taken == lanes)
        {
            path.At = instruction.Target;
        }
        else if (taken != 0)
        {
            if (instruction.IsUniform)
            {
                throw Fault(
                    instruction, $"threads {Threads(taken)} branch, threads {Threads(lanes & ~taken)} do not, and the branch is said to be uniform");
            }

            int next = path.At;
            path.At = instruction.Join;
            _paths.Push(new Path(instruction.Target, instruction.Join, taken));
            _paths.Push(new Path(next, instruction.Join, lanes & ~taken));
        }
    }

    private void Load(PtxInstruction instruction, uint lanes)
    {
        int size = instruction.Size;
        int[] destinations = instruction.Destinations;
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            byte* from = Address(instruction, lane, size * destinations.Length, isWrite: false);
            foreach (int destination in destinations)
            {
                _registers[(destination * Lanes) + lane] = Read(from, size);
                from += size;
            }
        }

        foreach (int destination in destinations)
        {
            _written[destination] |= lanes;
        }
    }

    private void Store(PtxInstruction instruction, uint lanes)
    {
        int size = instruction.Size;
        ReadOnlySpan<int> sources = instruction.Sources.AsSpan(1);
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            byte* to = Address(instruction, lane, size * sources.Length, isWrite: true);
            foreach (int source in sources)
            {
                Write(to, size, _registers[(source * Lanes) + lane]);
                to += size;
            }
        }
    }

    private void Reduce(PtxInstruction instruction, uint lanes)
    {
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            byte* at = Address(instruction, lane, instruction.Size, isWrite: true);
            ulong value = _registers[(instruction.Sources[1] * Lanes) + lane];
            ulong before = Read(at, instruction.Size);
            instruction.Function!(new Span<ulong>(ref before), [before], [value], [0], lanes: 1);
            Write(at, instruction.Size, before);
        }
    }

    /// <summary>As the PTX manual defines shfl.sync: a lane whose partner is out of bounds keeps its own value.</summary>
    private void Shuffle(PtxInstruction instruction, uint lanes)
    {
        Span<ulong> result = stackalloc ulong[Lanes];
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            uint members = (uint)Source(3, lane);
            if (members != lanes)
            {
                throw Fault(instruction, $"threads {Threads(lanes)} shuffle, and threads {Threads(members)} are said to");
            }

            int distance = (int)(Source(1, lane) & 31);
            int bound = (int)(Source(2, lane) & 31);
            int segment = (int)((Source(2, lane) >> 8) & 31);
            int first = lane & segment;
            int last = first | (bound & ~segment);
            int partner = instruction.Shuffle switch
            {
                PtxShuffle.Up => lane - distance,
                PtxShuffle.Down => lane + distance,
                PtxShuffle.Bfly => lane ^ distance,
                _ => first | (distance & ~segment),
            };
            bool isInside = instruction.Shuffle == PtxShuffle.Up ? partner >= last : partner <= last;
            partner = isInside ? partner : lane;
            result[lane] = ((lanes >> partner) & 1) != 0
                ? Source(0, partner)
                : throw Fault(instruction, $"thread {_firstThread + lane} takes what thread {_firstThread + partner} does not give");
        }

        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            _registers[(instruction.Destinations[0] * Lanes) + lane] = result[lane];
        }

        _written[instruction.Destinations[0]] |= lanes;

        ulong Source(int operand, int lane) => _registers[(instruction.Sources[operand] * Lanes) + lane];
    }

    private byte* Address(PtxInstruction instruction, int lane, int bytes, bool isWrite)
    {
        ulong address = _registers[(instruction.Sources[0] * Lanes) + lane] + (ulong)instruction.Offset;
        return _memory.Check(instruction.Space, address, bytes, _firstThread + lane, isWrite) is { } problem
            ? throw Fault(instruction, $"thread {_firstThread + lane}: {problem}")
            : (byte*)address;
    }

    private static ulong Read(byte* from, int size) => size switch
    {
        1 => *from,
        2 => *(ushort*)from,
        4 => *(uint*)from,
        _ => *(ulong*)from,
    };

    private static void Write(byte* to, int size, ulong bits)
    {
        switch (size)
        {
            case 1:
                *to = (byte)bits;
                break;
            case 2:
                *(ushort*)to = (ushort)bits;
                break;
            case 4:
                *(uint*)to = (uint)bits;
                break;
            default:
                *(ulong*)to = bits;
                break;
        }
    }

    private string Threads(uint lanes) =>
        string.Join(", ", Enumerable.Range(0, Lanes).Where(lane => ((lanes >> lane) & 1) != 0).Select(lane => _firstThread + lane));

    private PtxFaultException Fault(PtxInstruction instruction, string what, Exception? inner = null) =>
        _program.Fault(instruction, $"in group {_group}, {what}", inner);

    /// <summary>Lanes that run together, up to where others join them.</summary>
    private sealed class Path(int at, int join, uint lanes)
    {
        public int At { get; set; } = at;

        public int Join { get; } = join;

        public uint Lanes { get; } = lanes;
    }
}

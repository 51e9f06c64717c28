using System.Collections.Frozen;
using System.Numerics;
using System.Runtime.CompilerServices;
using Function = System.Func<ulong, ulong, ulong, ulong>;
using Table = System.Collections.Generic.Dictionary<string, (int Sources, System.Func<ulong, ulong, ulong, ulong> Function)>;

namespace BiPE.Testing.Ptx;

/// <summary>
/// What instructions compute. Registers are 64 bits, of which an instruction reads and writes as many as its type has. Divisions by 0
/// and by minus one beyond the range, whose results are not defined, throw.
/// </summary>
internal static class PtxFunctions
{
    private static readonly FrozenDictionary<string, (int Sources, Function Function)> Known = All();

    /// <summary>Finds an instruction's function.</summary>
    /// <param name="name">The instruction with its types.</param>
    /// <param name="sources">How many operands it reads.</param>
    /// <param name="function">What it computes of them.</param>
    public static bool TryFind(string name, out int sources, out Function function)
    {
        bool isKnown = Known.TryGetValue(name, out (int Sources, Function Function) found);
        (sources, function) = found;
        return isKnown;
    }

    private static FrozenDictionary<string, (int Sources, Function Function)> All()
    {
        var all = new Table();
        foreach (string type in (string[])["pred", "b16", "b32", "b64"])
        {
            // What is above a type's bits is never read.
            all[$"mov.{type}"] = (1, (a, _, _) => a);
            all[$"and.{type}"] = (2, (a, b, _) => a & b);
            all[$"or.{type}"] = (2, (a, b, _) => a | b);
            all[$"xor.{type}"] = (2, (a, b, _) => a ^ b);
            all[$"selp.{type}"] = (3, (a, b, p) => p != 0 ? a : b);
        }

        foreach (string type in (string[])["f32", "f64"])
        {
            all[$"mov.{type}"] = all["mov.b64"];
            all[$"selp.{type}"] = all["selp.b64"];
        }

        all["cvta.to.global.u64"] = all["mov.b64"];
        all["not.pred"] = (1, (a, _, _) => a == 0 ? 1UL : 0);
        AddIntegers<int>(all, "s32");
        AddIntegers<uint>(all, "u32");
        AddIntegers<long>(all, "s64");
        AddIntegers<ulong>(all, "u64");
        AddShifts<int, uint>(all, "s32", "b32");
        AddShifts<long, ulong>(all, "s64", "b64");
        AddRightShift<uint>(all, "u32");
        AddRightShift<ulong>(all, "u64");
        AddUnsignedNames<uint>(all, "u32");
        AddUnsignedNames<ulong>(all, "u64");
        AddFloats<float>(all, "f32");
        AddFloats<double>(all, "f64");
        AddConversions(all);
        return all.ToFrozenDictionary();
    }

    private static void AddIntegers<T>(Table all, string type)
        where T : unmanaged, IBinaryInteger<T>
    {
        AddArithmetic<T>(all, type);
        all[$"mul.lo.{type}"] = (2, (a, b, _) => Bits(Value<T>(a) * Value<T>(b)));
        all[$"mad.lo.{type}"] = (3, (a, b, c) => Bits((Value<T>(a) * Value<T>(b)) + Value<T>(c)));
        all[$"div.{type}"] = (2, (a, b, _) => Bits(Value<T>(a) / Value<T>(b)));
        all[$"rem.{type}"] = (2, (a, b, _) => Bits(Value<T>(a) % Value<T>(b)));
        all[$"min.{type}"] = (2, (a, b, _) => Bits(T.Min(Value<T>(a), Value<T>(b))));
        all[$"max.{type}"] = (2, (a, b, _) => Bits(T.Max(Value<T>(a), Value<T>(b))));
        all[$"setp.ne.{type}"] = (2, (a, b, _) => Bit(Value<T>(a) != Value<T>(b)));
    }

    private static void AddArithmetic<T>(Table all, string type)
        where T : unmanaged, INumber<T>
    {
        all[$"add.{type}"] = (2, (a, b, _) => Bits(Value<T>(a) + Value<T>(b)));
        all[$"sub.{type}"] = (2, (a, b, _) => Bits(Value<T>(a) - Value<T>(b)));
        all[$"neg.{type}"] = (1, (a, _, _) => Bits(-Value<T>(a)));
        all[$"setp.eq.{type}"] = (2, (a, b, _) => Bit(Value<T>(a) == Value<T>(b)));
        all[$"setp.lt.{type}"] = (2, (a, b, _) => Bit(Value<T>(a) < Value<T>(b)));
        all[$"setp.le.{type}"] = (2, (a, b, _) => Bit(Value<T>(a) <= Value<T>(b)));
        all[$"setp.gt.{type}"] = (2, (a, b, _) => Bit(Value<T>(a) > Value<T>(b)));
        all[$"setp.ge.{type}"] = (2, (a, b, _) => Bit(Value<T>(a) >= Value<T>(b)));
    }

    private static void AddUnsignedNames<T>(Table all, string type)
        where T : unmanaged, IBinaryInteger<T>
    {
        foreach ((string name, string meaning) in (ReadOnlySpan<(string, string)>)[("lo", "lt"), ("ls", "le"), ("hi", "gt"), ("hs", "ge")])
        {
            all[$"setp.{name}.{type}"] = all[$"setp.{meaning}.{type}"];
        }
    }

    /// <summary>Shifts by as many bits as there are, or more, leave nothing but the sign.</summary>
    private static void AddShifts<TSigned, TBits>(Table all, string type, string bits)
        where TSigned : unmanaged, IBinaryInteger<TSigned>
        where TBits : unmanaged, IBinaryInteger<TBits>
    {
        int most = Unsafe.SizeOf<TBits>() * 8;
        all[$"shl.{bits}"] = (2, (a, b, _) => (uint)b >= most ? 0 : Bits(Value<TBits>(a) << (int)b));
        all[$"shr.{type}"] = (2, (a, b, _) => Bits(Value<TSigned>(a) >> (int)Math.Min((uint)b, (uint)most - 1)));
        AddRightShift<TBits>(all, bits);
    }

    private static void AddRightShift<T>(Table all, string type)
        where T : unmanaged, IBinaryInteger<T>
    {
        int most = Unsafe.SizeOf<T>() * 8;
        all[$"shr.{type}"] = (2, (a, b, _) => (uint)b >= most ? 0 : Bits(Value<T>(a) >>> (int)b));
    }

    private static void AddFloats<T>(Table all, string type)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        AddArithmetic<T>(all, type);
        all[$"mul.{type}"] = (2, (a, b, _) => Bits(Value<T>(a) * Value<T>(b)));
        all[$"fma.rn.{type}"] = (3, (a, b, c) => Bits(T.FusedMultiplyAdd(Value<T>(a), Value<T>(b), Value<T>(c))));
        all[$"div.rn.{type}"] = (2, (a, b, _) => Bits(Value<T>(a) / Value<T>(b)));
        all[$"rcp.rn.{type}"] = (1, (a, _, _) => Bits(T.One / Value<T>(a)));
        all[$"sqrt.rn.{type}"] = (1, (a, _, _) => Bits(T.Sqrt(Value<T>(a))));
        all[$"abs.{type}"] = (1, (a, _, _) => Bits(T.Abs(Value<T>(a))));

        // Plain comparisons are false where one side is NaN, those with a u are true.
        all[$"setp.ne.{type}"] = (2, (a, b, _) => Bit(Value<T>(a) < Value<T>(b) || Value<T>(a) > Value<T>(b)));
        all[$"setp.equ.{type}"] = (2, (a, b, _) => Bit(!(Value<T>(a) < Value<T>(b)) && !(Value<T>(a) > Value<T>(b))));
        all[$"setp.neu.{type}"] = (2, (a, b, _) => Bit(Value<T>(a) != Value<T>(b)));
        all[$"setp.ltu.{type}"] = (2, (a, b, _) => Bit(!(Value<T>(a) >= Value<T>(b))));
        all[$"setp.leu.{type}"] = (2, (a, b, _) => Bit(!(Value<T>(a) > Value<T>(b))));
        all[$"setp.gtu.{type}"] = (2, (a, b, _) => Bit(!(Value<T>(a) <= Value<T>(b))));
        all[$"setp.geu.{type}"] = (2, (a, b, _) => Bit(!(Value<T>(a) < Value<T>(b))));
    }

    private static void AddConversions(Table all)
    {
        all["mul.wide.u32"] = (2, (a, b, _) => (ulong)(uint)a * (uint)b);
        all["mul.wide.s32"] = (2, (a, b, _) => (ulong)((long)(int)a * (int)b));
        all["cvt.s64.s32"] = (1, (a, _, _) => (ulong)(int)a);
        all["cvt.u64.u32"] = (1, (a, _, _) => (uint)a);
        all["cvt.s32.u16"] = (1, (a, _, _) => (ushort)a);
        all["cvt.u32.u16"] = (1, (a, _, _) => (ushort)a);
        all["cvt.s32.s64"] = (1, (a, _, _) => (uint)a);
        all["cvt.u32.u64"] = (1, (a, _, _) => (uint)a);
        all["cvt.u16.u32"] = (1, (a, _, _) => (ushort)a);
        all["cvt.u16.s32"] = (1, (a, _, _) => (ushort)a);
        all["cvt.rn.f32.s32"] = (1, (a, _, _) => Bits((float)(int)a));
        all["cvt.rn.f32.f64"] = (1, (a, _, _) => Bits((float)Value<double>(a)));
        all["cvt.f64.f32"] = (1, (a, _, _) => Bits((double)Value<float>(a)));
        all["cvt.rmi.f32.f32"] = (1, (a, _, _) => Bits(MathF.Floor(Value<float>(a))));

        // Beyond the range it is the range's end, and 0 for NaN, as C# has it since .NET 9.
        all["cvt.rzi.s32.f32"] = (1, (a, _, _) => Bits((int)Value<float>(a)));
    }

    private static T Value<T>(ulong bits)
        where T : unmanaged => Unsafe.As<ulong, T>(ref bits);

    private static ulong Bits<T>(T value)
        where T : unmanaged
    {
        ulong bits = 0;
        Unsafe.As<ulong, T>(ref bits) = value;
        return bits;
    }

    private static ulong Bit(bool value) => value ? 1UL : 0;
}

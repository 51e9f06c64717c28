using System.Collections.Frozen;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace BiPE.Testing.Ptx;

/// <summary>
/// What instructions compute. Registers are 64 bits, of which an instruction reads and writes as many as its type has; what lies
/// above them is never read. Divisions by 0 and by minus one beyond the range, whose results are not defined, throw.
/// </summary>
internal static partial class PtxFunctions
{
    private static readonly Dictionary<string, (int Sources, PtxFunction Function)> All = [];
    private static readonly FrozenDictionary<string, (int Sources, PtxFunction Function)> Known = Fill().ToFrozenDictionary();

    /// <summary>Finds an instruction's function.</summary>
    /// <param name="name">The instruction with its types.</param>
    /// <param name="sources">How many operands it reads.</param>
    /// <param name="function">What it computes of them.</param>
    public static bool TryFind(string name, out int sources, out PtxFunction function)
    {
        bool isKnown = Known.TryGetValue(name, out (int Sources, PtxFunction Function) found);
        (sources, function) = found;
        return isKnown;
    }

    private static Dictionary<string, (int Sources, PtxFunction Function)> Fill()
    {
        foreach (string type in (string[])["pred", "b16", "b32", "b64"])
        {
            Add<ulong, ulong, Same>($"mov.{type}", 1);
            Add<ulong, ulong, And>($"and.{type}", 2);
            Add<ulong, ulong, Or>($"or.{type}", 2);
            Add<ulong, ulong, Xor>($"xor.{type}", 2);
            Add<ulong, ulong, Selected>($"selp.{type}", 3);
        }

        Add<ulong, ulong, Same>("mov.f32", 1);
        Add<ulong, ulong, Same>("mov.f64", 1);
        Add<ulong, ulong, Selected>("selp.f32", 3);
        Add<ulong, ulong, Selected>("selp.f64", 3);
        Add<ulong, ulong, Same>("cvta.to.global.u64", 1);
        Add<ulong, ulong, Negation>("not.pred", 1);
        AddIntegers<int>("s32");
        AddIntegers<uint>("u32");
        AddIntegers<long>("s64");
        AddIntegers<ulong>("u64");
        AddUnsigned<uint>("u32", "b32");
        AddUnsigned<ulong>("u64", "b64");
        AddFloats<float>("f32");
        AddFloats<double>("f64");
        AddConversions();
        return All;
    }

    private static void AddIntegers<T>(string type)
        where T : unmanaged, IBinaryInteger<T>
    {
        AddNumbers<T>(type);
        Add<T, T, Product<T>>($"mul.lo.{type}", 2);
        Add<T, T, ProductAndSum<T>>($"mad.lo.{type}", 3);
        Add<T, T, Quotient<T>>($"div.{type}", 2);
        Add<T, T, Remainder<T>>($"rem.{type}", 2);
        Add<T, T, Smaller<T>>($"min.{type}", 2);
        Add<T, T, Larger<T>>($"max.{type}", 2);
        Add<T, T, ShiftedRight<T>>($"shr.{type}", 2);
    }

    private static void AddUnsigned<T>(string type, string bits)
        where T : unmanaged, IBinaryInteger<T>
    {
        Add<T, T, ShiftedLeft<T>>($"shl.{bits}", 2);
        Add<T, T, ShiftedRight<T>>($"shr.{bits}", 2);
        Add<T, ulong, Below<T>>($"setp.lo.{type}", 2);
        Add<T, ulong, Not<T, Above<T>>>($"setp.ls.{type}", 2);
        Add<T, ulong, Above<T>>($"setp.hi.{type}", 2);
        Add<T, ulong, Not<T, Below<T>>>($"setp.hs.{type}", 2);
    }

    private static void AddNumbers<T>(string type)
        where T : unmanaged, INumber<T>
    {
        Add<T, T, Sum<T>>($"add.{type}", 2);
        Add<T, T, Difference<T>>($"sub.{type}", 2);
        Add<T, T, Negative<T>>($"neg.{type}", 1);
        Add<T, ulong, Equal<T>>($"setp.eq.{type}", 2);
        Add<T, ulong, Different<T>>($"setp.ne.{type}", 2);
        Add<T, ulong, Below<T>>($"setp.lt.{type}", 2);
        Add<T, ulong, BelowOrEqual<T>>($"setp.le.{type}", 2);
        Add<T, ulong, Above<T>>($"setp.gt.{type}", 2);
        Add<T, ulong, AboveOrEqual<T>>($"setp.ge.{type}", 2);
    }

    private static void AddFloats<T>(string type)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        AddNumbers<T>(type);
        Add<T, T, Product<T>>($"mul.{type}", 2);
        Add<T, T, FusedProductAndSum<T>>($"fma.rn.{type}", 3);
        Add<T, T, Quotient<T>>($"div.rn.{type}", 2);
        Add<T, T, Reciprocal<T>>($"rcp.rn.{type}", 1);
        Add<T, T, SquareRoot<T>>($"sqrt.rn.{type}", 1);
        Add<T, T, Floor<T>>($"cvt.rmi.{type}.{type}", 1);
        Add<T, T, Absolute<T>>($"abs.{type}", 1);

        // Plain comparisons are false where one side is NaN, these are true.
        Add<T, ulong, Not<T, Different<T>>>($"setp.equ.{type}", 2);
        Add<T, ulong, Not<T, Equal<T>>>($"setp.neu.{type}", 2);
        Add<T, ulong, Not<T, AboveOrEqual<T>>>($"setp.ltu.{type}", 2);
        Add<T, ulong, Not<T, Above<T>>>($"setp.leu.{type}", 2);
        Add<T, ulong, Not<T, BelowOrEqual<T>>>($"setp.gtu.{type}", 2);
        Add<T, ulong, Not<T, Below<T>>>($"setp.geu.{type}", 2);
    }

    private static void AddConversions()
    {
        Add<uint, ulong, WideProduct<uint, ulong>>("mul.wide.u32", 2);
        Add<int, long, WideProduct<int, long>>("mul.wide.s32", 2);
        Add<int, long, Converted<int, long>>("cvt.s64.s32", 1);
        Add<uint, ulong, Converted<uint, ulong>>("cvt.u64.u32", 1);
        Add<ushort, int, Converted<ushort, int>>("cvt.s32.u16", 1);
        Add<ushort, uint, Converted<ushort, uint>>("cvt.u32.u16", 1);
        Add<long, int, Converted<long, int>>("cvt.s32.s64", 1);
        Add<ulong, uint, Converted<ulong, uint>>("cvt.u32.u64", 1);
        Add<uint, ushort, Converted<uint, ushort>>("cvt.u16.u32", 1);
        Add<int, ushort, Converted<int, ushort>>("cvt.u16.s32", 1);
        Add<int, float, Converted<int, float>>("cvt.rn.f32.s32", 1);
        Add<double, float, Converted<double, float>>("cvt.rn.f32.f64", 1);
        Add<float, double, Converted<float, double>>("cvt.f64.f32", 1);
        Add<float, int, Saturated<float, int>>("cvt.rzi.s32.f32", 1);
    }

    private static void Add<T, TResult, TFunction>(string name, int sources)
        where T : unmanaged
        where TResult : unmanaged
        where TFunction : struct, IFunction<T, TResult> => All[name] = (sources, ComputeLanes<T, TResult, TFunction>);

    private static void ComputeLanes<T, TResult, TFunction>(
        Span<ulong> to, ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, ReadOnlySpan<ulong> c, uint lanes)
        where T : unmanaged
        where TResult : unmanaged
        where TFunction : struct, IFunction<T, TResult>
    {
        // Registers are lanes long, and a check for each would take as long as what is computed.
        ref ulong result = ref MemoryMarshal.GetReference(to);
        ref ulong first = ref MemoryMarshal.GetReference(a);
        ref ulong second = ref MemoryMarshal.GetReference(b);
        ref ulong third = ref MemoryMarshal.GetReference(c);
        if (lanes == uint.MaxValue)
        {
            for (int lane = 0; lane < PtxWarp.Lanes; lane++)
            {
                At<TResult>(ref result, lane) = TFunction.Of(At<T>(ref first, lane), At<T>(ref second, lane), At<T>(ref third, lane));
            }

            return;
        }

        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            At<TResult>(ref result, lane) = TFunction.Of(At<T>(ref first, lane), At<T>(ref second, lane), At<T>(ref third, lane));
        }
    }

    private static ref T At<T>(ref ulong register, int lane) => ref Unsafe.As<ulong, T>(ref Unsafe.Add(ref register, lane));
}

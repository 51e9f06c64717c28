namespace BiPE.Cuda.Tests.Ptx;

/// <summary>What the interpreter's instructions compute where PTX is not as C#, or easily got wrong.</summary>
public sealed class PtxFunctionTests
{
    private const string NaN = "0f7FC00000";

    [TestCase("shr.s32 %r1, -8, 1;", -4)]
    [TestCase("shr.s32 %r1, -8, 40;", -1)]
    [TestCase("shr.u32 %r1, -8, 1;", 0x7FFFFFFC)]
    [TestCase("shr.u32 %r1, -8, 40;", 0)]
    [TestCase("shl.b32 %r1, 1, 31;", int.MinValue)]
    [TestCase("shl.b32 %r1, 1, 32;", 0)]
    [TestCase("div.s32 %r1, -7, 2;", -3)]
    [TestCase("div.u32 %r1, -7, 2;", 0x7FFFFFFC)]
    [TestCase("rem.s32 %r1, -7, 2;", -1)]
    [TestCase("mul.lo.s32 %r1, 65536, 65537;", 65536)]
    [TestCase("min.s32 %r1, -1, 1;", -1)]
    [TestCase("min.u32 %r1, -1, 1;", 1)]
    [TestCase("selp.b32 %r1, 3, 4, 1;", 3)]
    [TestCase("mul.wide.u32 %rd5, -1, 2; shr.u64 %rd5, %rd5, 32; cvt.u32.u64 %r1, %rd5;", 1)]
    [TestCase("mul.wide.s32 %rd5, -1, 2; shr.s64 %rd5, %rd5, 32; cvt.s32.s64 %r1, %rd5;", -1)]
    [TestCase("mad.lo.u64 %rd5, 4294967296, 4, 7; shr.u64 %rd5, %rd5, 32; cvt.u32.u64 %r1, %rd5;", 4)]
    [TestCase("add.s32 %r2, 2147483647, 1; cvt.s64.s32 %rd5, %r2; shr.s64 %rd5, %rd5, 40; cvt.s32.s64 %r1, %rd5;", -1)]
    [TestCase("add.s32 %r2, -1, 0; cvt.u64.u32 %rd5, %r2; shr.u64 %rd5, %rd5, 28; cvt.u32.u64 %r1, %rd5;", 15)]
    [TestCase("cvt.u16.u32 %rs1, 131071; cvt.s32.u16 %r1, %rs1;", 65535)]
    [TestCase("cvt.rzi.s32.f32 %r1, 0fC0200000;", -2)]
    [TestCase("cvt.rzi.s32.f32 %r1, 0f7F800000;", int.MaxValue)]
    [TestCase("cvt.rzi.s32.f32 %r1, 0fFF800000;", int.MinValue)]
    [TestCase($"cvt.rzi.s32.f32 %r1, {NaN};", 0)]
    [TestCase("cvt.rmi.f32.f32 %f1, 0fC0200000; cvt.rzi.s32.f32 %r1, %f1;", -3)]
    [TestCase("cvt.rn.f32.s32 %f1, 16777217; cvt.rzi.s32.f32 %r1, %f1;", 16777216)]
    [TestCase("cvt.f64.f32 %fd1, 0f40200000; mul.f64 %fd1, %fd1, 0d4000000000000000; cvt.rn.f32.f64 %f1, %fd1; cvt.rzi.s32.f32 %r1, %f1;", 5)]
    [TestCase("fma.rn.f32 %f1, 0f3F800001, 0f3F800001, 0fBF800002; setp.gt.f32 %p0, %f1, 0f00000000; selp.b32 %r1, 1, 0, %p0;", 1)]
    [TestCase("mul.f32 %f1, 0f3F800001, 0f3F800001; add.f32 %f1, %f1, 0fBF800002; mov.b32 %r1, %f1;", 0)]
    public void ComputesAsTheManualSays(string body, int expected) =>
        Assert.That(PtxText.Run($"{body}\nst.global.b32 [%rd2], %r1;"), Is.All.EqualTo(expected));

    [TestCase("eq.f32", "0f3F800000", NaN, false)]
    [TestCase("ne.f32", "0f3F800000", NaN, false)]
    [TestCase("lt.f32", "0f3F800000", NaN, false)]
    [TestCase("ge.f32", NaN, "0f3F800000", false)]
    [TestCase("equ.f32", "0f3F800000", NaN, true)]
    [TestCase("neu.f32", "0f3F800000", NaN, true)]
    [TestCase("ltu.f32", "0f3F800000", NaN, true)]
    [TestCase("leu.f32", "0f3F800000", NaN, true)]
    [TestCase("gtu.f32", "0f3F800000", NaN, true)]
    [TestCase("geu.f32", NaN, "0f3F800000", true)]
    [TestCase("ne.f32", "0f3F800000", "0f40000000", true)]
    [TestCase("ltu.f32", "0f3F800000", "0f40000000", true)]
    [TestCase("leu.f32", "0f3F800000", "0f3F800000", true)]
    [TestCase("gtu.f32", "0f3F800000", "0f40000000", false)]
    [TestCase("geu.f32", "0f3F800000", "0f40000000", false)]
    [TestCase("neu.f32", "0f3F800000", "0f3F800000", false)]
    [TestCase("lt.s32", "-1", "0", true)]
    [TestCase("lt.u32", "-1", "0", false)]
    [TestCase("lo.u32", "-1", "0", false)]
    [TestCase("ls.u32", "0", "0", true)]
    [TestCase("hi.u32", "-1", "0", true)]
    [TestCase("hs.u32", "0", "0", true)]
    public void ComparesAsTheManualSays(string comparison, string left, string right, bool expected) => Assert.That(
        PtxText.Run($"setp.{comparison} %p0, {left}, {right}; selp.b32 %r1, 1, 0, %p0; st.global.b32 [%rd2], %r1;"),
        Is.All.EqualTo(expected ? 1 : 0));

    private static IEnumerable<TestCaseData> Shuffles()
    {
        yield return Of("bfly", "5, 31", lane => lane ^ 5);
        yield return Of("up", "3, 0", lane => lane < 3 ? lane : lane - 3);
        yield return Of("down", "3, 31", lane => lane > 28 ? lane : lane + 3);
        yield return Of("idx", "7, 31", _ => 7);

        // Segments of 8 lanes.
        yield return Of("idx", "2, 6175", lane => (lane & ~7) + 2);
        yield return Of("up", "3, 6144", lane => lane % 8 < 3 ? lane : lane - 3);

        static TestCaseData Of(string kind, string operands, Func<int, int> partner) =>
            new TestCaseData(kind, operands, partner).SetArgDisplayNames($"{kind}, {operands}");
    }

    [TestCaseSource(nameof(Shuffles))]
    public void ShufflesAsTheManualSays(string kind, string operands, Func<int, int> partner) => Assert.That(
        PtxText.Run($"shfl.sync.{kind}.b32 %r1, %r0, {operands}, 4294967295;\nst.global.b32 [%rd2], %r1;"),
        Is.EqualTo(Enumerable.Range(0, 64).Select(thread => (thread & ~31) + partner(thread & 31))));

    [Test]
    public void AMinimumInMemoryIsOfAllThreads() =>
        Assert.That(PtxText.Run("sub.s32 %r1, 5, %r0; red.min.global.s32 [%rd0], %r1;")[0], Is.EqualTo(5 - 63));

    [Test]
    public void FourElementsAreReadAndWrittenAtOnce()
    {
        int[] memory = PtxText.Run(
            """
            st.global.b32 [%rd2], %r0;
            bar.sync 0;
            ld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%rd0+16];
            setp.ne.s32 %p0, %r0, 0;
            @%p0 bra L_end;
            st.global.v4.b32 [%rd0+32], {%r4, %r3, %r2, %r1};
            L_end:
            """);
        Assert.That(memory[8..12], Is.EqualTo((int[])[7, 6, 5, 4]));
    }

    [Test]
    public void PlacesAreTold() => Assert.That(
        PtxText.Run(
            """
            mov.b32 %r1, %ctaid.x;
            mov.b32 %r2, %nctaid.x;
            mov.b32 %r3, %ntid.x;
            mov.b32 %r4, %laneid;
            mad.lo.s32 %r1, %r1, 10, %r2;
            mad.lo.s32 %r1, %r1, 100, %r3;
            mad.lo.s32 %r1, %r1, 100, %r4;
            st.global.b32 [%rd2], %r1;
            """),
        Is.EqualTo(Enumerable.Range(0, 64).Select(thread => (((10 + 2) * 100) + 64) * 100 + (thread % 32))));
}

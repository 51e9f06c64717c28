using BiPE.Testing.Ptx;

namespace BiPE.Cuda.Tests.Ptx;

/// <summary>Programs that a device would run with a fault or with garbage are stopped, each with its reason; right ones run.</summary>
public sealed class PtxFaultTests
{
    private const string Half = "setp.lt.u32 %p0, %r0, 16;";
    private const string FirstWarp = "setp.lt.u32 %p0, %r0, 32;";

    [TestCase("st.global.b32 [%rd2+4], %r0;", "thread 63: 4 bytes at 0x", "are outside of the memory that it was given: 256 bytes at 0x")]
    [TestCase("ld.global.b32 %r1, [%rd2+-4];", "thread 0: 4 bytes", "outside of the memory")]
    [TestCase("ld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%rd2];", "thread 1: 16 bytes", "misaligned")]
    [TestCase("ld.global.b64 %rd5, [%rd2+4];", "thread 0: 8 bytes", "misaligned")]
    [TestCase("ld.global.b32 %r1, [%rd0+2];", "thread 0: 4 bytes", "misaligned")]
    [TestCase("red.min.global.s32 [%rd0+256], %r0;", "thread 0: 4 bytes", "outside of the memory")]
    [TestCase("st.shared.b32 [%rd4+4], %r0;", "thread 63: 4 bytes", "outside of the memory")]
    [TestCase("st.shared.b32 [%rd4+2], %r0;", "thread 0: 4 bytes", "misaligned")]
    [TestCase("ld.global.b32 %r1, [%rd4];", "thread 0: 4 bytes", "outside of the memory")]
    [TestCase("ld.shared.b32 %r1, [%rd2];", "thread 0: 4 bytes", "outside of the memory")]
    [TestCase("ld.param.b64 %rd5, [_arguments+8];", "8 bytes", "outside of the memory")]
    public void AccessesOutsideAndMisalignedOnesAreFound(string body, params string[] expected) => ExpectFault(body, expected);

    [TestCase(FirstWarp, "bar.sync 0;", "", "not all threads of the group reach this barrier together, others have ended")]
    [TestCase(FirstWarp, "bar.sync 0;", "bar.sync 0;", "not all threads of the group reach this barrier together, others wait at line")]
    [TestCase(Half, "bar.sync 0;", "", "not all threads of the group reach this barrier together, threads 16, 17,")]
    [TestCase(Half, "shfl.sync.bfly.b32 %r1, %r0, 1, 31, 4294967295;", "", "14, 15 shuffle, and threads 0, 1,")]
    [TestCase(Half, "ret;", "shfl.sync.bfly.b32 %r1, %r0, 1, 31, 4294967295;", "30, 31 shuffle, and threads 0, 1,")]
    public void BarriersAndShufflesThatSomeDoNotReachAreFound(string condition, string then, string otherwise, string expected) =>
        ExpectFault(Branches(condition, then, otherwise), expected);

    [Test]
    public void AShuffleInALoopOfDifferentLengthsIsFound() => ExpectFault(
        """
        mov.b32 %r1, 0;
        L_loop:
        shfl.sync.idx.b32 %r2, %r1, 0, 31, 4294967295;
        add.s32 %r1, %r1, 1;
        setp.le.s32 %p0, %r1, %r0;
        @%p0 bra L_loop;
        """,
        "threads 1, 2,", "31 shuffle, and threads 0, 1,");

    [Test]
    public void AShuffleThatTakesWhatNobodyGivesIsFound() => ExpectFault(
        Branches(Half, "shfl.sync.bfly.b32 %r1, %r0, 16, 31, 65535;", ""), "thread 0 takes what thread 16 does not give");

    [TestCase("@%p0 bra.uni L_end;")]
    [TestCase("@!%p0 bra.uni L_end;")]
    public void AUniformBranchAtWhichLanesDifferIsFound(string branch) => ExpectFault(
        $"""
        {Half}
        {branch}
        mov.b32 %r1, 0;
        L_end:
        """,
        branch[..^1], "the branch is said to be uniform");

    [Test]
    public void ALoopThatIsSaidToEndAtOnceForAllIsFound() => ExpectFault(
        """
        mov.b32 %r1, 0;
        L_loop:
        setp.gt.s32 %p0, %r1, %r0;
        @%p0 bra.uni L_end;
        add.s32 %r1, %r1, 1;
        bra.uni L_loop;
        L_end:
        """,
        "threads 0 branch, threads 1, 2,");

    [TestCase("st.shared.b32 [%rd4], %r0; ld.shared.b32 %r1, [%rd3];", "a race: thread 0 wrote to this shared memory, with no barrier between")]
    [TestCase("st.shared.b32 [%rd3], %r0;", "thread 1: a race: thread 0 wrote to this shared memory, too")]
    [TestCase("st.shared.b32 [%rd4], %r0; bar.sync 0; ld.shared.b32 %r1, [%rd3]; st.shared.b32 [%rd4], %r0;", "thread 0: a race: other threads read")]
    [TestCase("st.shared.b32 [%rd4], %r0; bar.sync 0; ld.shared.b32 %r1, [%rd6]; st.shared.b32 [%rd4], %r0;", "thread 0: a race: thread 1 reads")]
    public void RacesInSharedMemoryAreFound(string body, string expected) => ExpectFault(body, expected);

    [Test]
    public void SharedMemoryThatNothingWroteIsFound() => ExpectFault("ld.shared.b32 %r1, [%rd4];", "nothing was written to this shared memory");

    [Test]
    public void SharedMemoryDoesNotPassFromGroupToGroup() => ExpectFault(
        """
        mov.b32 %r1, %ctaid.x;
        setp.ne.u32 %p0, %r1, 0;
        @%p0 bra.uni L_second;
        st.shared.b32 [%rd4], %r0;
        bra.uni L_end;
        L_second:
        ld.shared.b32 %r1, [%rd4];
        L_end:
        """,
        "in group 1, thread 0: nothing was written");

    [TestCase("add.s32 %r1, %r2, %r0;", "%r2 was never written by threads 0, 1,")]
    [TestCase("@%p0 bra L_end; mov.b32 %r1, 0; L_end:", "%p0 was never written by threads 0, 1,")]
    [TestCase("st.global.b32 [%rd2], %r1;", "%r1 was never written by threads 0, 1,")]
    [TestCase("st.global.b32 [%rd7], %r0;", "%rd7 was never written by threads 0, 1,")]
    public void RegistersThatNothingWroteAreFound(string body, string expected) => ExpectFault(body, expected);

    [Test]
    public void RegistersThatOneBranchWroteAreFound() => ExpectFault(
        Branches(Half, "mov.b32 %r1, 1;", "mov.b32 %r2, 1;") + "\nst.global.b32 [%rd2], %r1;", "%r1 was never written by threads 16, 17,");

    [TestCase("popc.b32 %r1, %r0;", "popc.b32 %r1, %r0;: this instruction is not known")]
    [TestCase("add.s32 %r1, %r0;", "add.s32 %r1, %r0;: this instruction is not known")]
    [TestCase("ld.const.b32 %r1, [%rd0];", "this kind of memory is not known")]
    [TestCase("mov.b32 %r9, 0;", "%r9 is not declared")]
    [TestCase("mov.b32 %r1, %clock;", "%clock is not declared")]
    [TestCase("ld.global.v4.b32 {%r1, %r2}, [%rd2];", "there are 2 elements, not 4")]
    [TestCase("bra L_nowhere;", "there is no such label")]
    [TestCase(".reg .b32 %r<3>;", "%r0 is declared twice")]
    [TestCase(".pragma \"nounroll\";", "this line is not known")]
    [TestCase("div.s32 %r1, %r0, %r0;", "the quotient is not defined")]
    public void WhatIsNotKnownOrNotDefinedIsFound(string body, string expected) => ExpectFault(body, expected);

    [Test]
    public void OperandsOfAnotherSizeAreFound()
    {
        PtxProgram program = PtxProgram.Parse(PtxText.Of("ret;"));
        Assert.That(
            () => PtxGrid.Run(program, 1, 32, new byte[16], new PtxRegions([])),
            Throws.TypeOf<PtxFaultException>().With.Message.EqualTo("Kernel_Test takes 8 bytes of operands, not 16."));
    }

    [Test]
    public void LanesThatBranchedApartMeetAgain()
    {
        // Two branches apart, one in the other, and a loop that each thread leaves at its own time; then all shuffle and wait.
        int[] result = PtxText.Run(
            """
            mov.b32 %r1, 0;
            L_loop:
            setp.ge.s32 %p0, %r1, %r0;
            @%p0 bra L_out;
            and.b32 %r2, %r1, 1;
            setp.eq.s32 %p1, %r2, 0;
            @%p1 bra L_even;
            add.s32 %r1, %r1, 1;
            bra L_next;
            L_even:
            add.s32 %r1, %r1, 3;
            L_next:
            bra.uni L_loop;
            L_out:
            shfl.sync.bfly.b32 %r3, %r1, 1, 31, 4294967295;
            bar.sync 0;
            st.global.b32 [%rd2], %r3;
            """);
        int[] expected = new int[64];
        for (int thread = 0; thread < 64; thread++)
        {
            int count = 0;
            while (count < (thread ^ 1))
            {
                count += count % 2 == 0 ? 3 : 1;
            }

            expected[thread] = count;
        }

        Assert.That(result, Is.EqualTo(expected));
    }

    [Test]
    public void WarpsMayDifferAtAUniformBranch() => Assert.That(
        PtxText.Run(
            $"""
            mov.b32 %r1, 7;
            {FirstWarp}
            @%p0 bra.uni L_end;
            mov.b32 %r1, 8;
            L_end:
            st.global.b32 [%rd2], %r1;
            """),
        Is.EqualTo((int[])[.. Enumerable.Repeat(7, 32), .. Enumerable.Repeat(8, 32)]));

    [Test]
    public void SharedMemoryPassesABarrier() => Assert.That(
        PtxText.Run("st.shared.b32 [%rd4], %r0; bar.sync 0; ld.shared.b32 %r1, [%rd6]; st.global.b32 [%rd2], %r1;"),
        Is.EqualTo(Enumerable.Range(0, 64).Select(thread => thread ^ 1)));

    private static string Branches(string condition, string then, string otherwise) =>
        $"""
        {condition}
        @!%p0 bra L_otherwise;
        {then}
        bra L_end;
        L_otherwise:
        {otherwise}
        L_end:
        """;

    private static void ExpectFault(string body, params string[] expected)
    {
        PtxFaultException? fault = Assert.Throws<PtxFaultException>(() => PtxText.Run(body));
        foreach (string part in expected)
        {
            Assert.That(fault!.Message, Does.Contain(part));
        }
    }
}

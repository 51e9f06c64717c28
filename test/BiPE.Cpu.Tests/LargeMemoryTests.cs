namespace BiPE.Cpu.Tests;

/// <summary>Large pieces lie apart, take each other's places, and are joined again.</summary>
public sealed unsafe class LargeMemoryTests
{
    private const long Mebi = 1 << 20;

    [Test]
    public void PiecesNeverOverlap([Values(1, 2, 3)] int seed)
    {
        var memory = new LargeMemory();
        var random = new Random(seed);
        var live = new List<(nint Start, long Bytes)>();
        for (int turn = 0; turn < 3000; turn++)
        {
            if (live.Count > 0 && random.Next(5) < 2)
            {
                int index = random.Next(live.Count);
                memory.Return((byte*)live[index].Start, live[index].Bytes);
                live.RemoveAt(index);
                continue;
            }

            if (live.Count < 60)
            {
                long bytes = LargeMemory.RoundUp(random.Next(1, 3 * (int)Mebi));
                nint start = (nint)memory.Take(bytes);
                Assert.That((long)start % 64, Is.EqualTo(0));
                Assert.That(live.TrueForAll(other => start + (nint)bytes <= other.Start || other.Start + (nint)other.Bytes <= start));
                live.Add((start, bytes));
            }
        }

        Assert.That(memory.Reserved, Is.GreaterThanOrEqualTo(live.Sum(piece => piece.Bytes)));
        live.ForEach(piece => memory.Return((byte*)piece.Start, piece.Bytes));
        memory.FreeUnused();
        Assert.That(memory.Reserved, Is.Zero);
    }

    [Test]
    public void NeighboursThatCameBackHoldALargerPiece()
    {
        var memory = new LargeMemory();
        byte* first = memory.Take(2 * Mebi);
        byte* second = memory.Take(3 * Mebi);
        byte* third = memory.Take(4 * Mebi);
        byte* last = memory.Take(Mebi);
        memory.Return(first, 2 * Mebi);
        memory.Return(third, 4 * Mebi);
        memory.Return(second, 3 * Mebi);
        Assert.That((nint)memory.Take(9 * Mebi), Is.EqualTo((nint)first));
        Assert.That(memory.Reserved, Is.EqualTo(10 * Mebi));
        memory.Return(first, 9 * Mebi);
        memory.Return(last, Mebi);
        memory.FreeUnused();
    }

    [Test]
    public void TheSmallestPlaceThatFitsIsTaken()
    {
        var memory = new LargeMemory();
        byte* large = memory.Take(8 * Mebi);
        byte* between = memory.Take(Mebi);
        byte* small = memory.Take(3 * Mebi);
        byte* last = memory.Take(Mebi);
        memory.Return(large, 8 * Mebi);
        memory.Return(small, 3 * Mebi);
        Assert.That((nint)memory.Take(2 * Mebi), Is.EqualTo((nint)small));
        memory.Return(small, 2 * Mebi);
        memory.Return(between, Mebi);
        memory.Return(last, Mebi);
        memory.FreeUnused();
    }

    [Test]
    public void WhatIsFreeAtTheEndGrows()
    {
        var memory = new LargeMemory();
        byte* first = memory.Take(Mebi);
        byte* end = memory.Take(4 * Mebi);
        memory.Return(end, 4 * Mebi);
        Assert.That((nint)memory.Take(6 * Mebi), Is.EqualTo((nint)end));
        Assert.That(memory.Reserved, Is.EqualTo(7 * Mebi));
        memory.Return(end, 6 * Mebi);
        memory.Return(first, Mebi);
        memory.FreeUnused();
    }

    [Test]
    public void MemoryInUseOutlivesGivingBackTheRest()
    {
        var memory = new LargeMemory();
        byte* kept = memory.Take(Mebi);
        memory.FreeUnused();
        new Span<byte>(kept, (int)Mebi).Fill(1);
        Assert.That(memory.Reserved, Is.EqualTo(Mebi));
        memory.Return(kept, Mebi);
        memory.FreeUnused();
        Assert.That(memory.Reserved, Is.Zero);
    }

    [Test]
    public void TheSameStepsAgainSoonTakeNothingFromTheSystem([Values(1, 2, 3, 4)] int seed)
    {
        var memory = new LargeMemory();
        byte* weights = memory.Take(10 * Mebi);
        long reserved = 0;
        for (int step = 0; step < 8; step++)
        {
            // Activations of layers come one by one and go in the opposite order, while gradients come that stay to the end.
            var random = new Random(seed);
            var activations = new Stack<(nint Start, long Bytes)>();
            var gradients = new List<(nint Start, long Bytes)>();
            for (int layer = 0; layer < 20; layer++)
            {
                long bytes = LargeMemory.RoundUp(random.Next((int)Mebi, 10 * (int)Mebi));
                activations.Push(((nint)memory.Take(bytes), bytes));
            }

            while (activations.TryPop(out (nint Start, long Bytes) activation))
            {
                long bytes = LargeMemory.RoundUp(random.Next((int)Mebi, 8 * (int)Mebi));
                gradients.Add(((nint)memory.Take(bytes), bytes));
                memory.Return((byte*)activation.Start, activation.Bytes);
            }

            gradients.ForEach(gradient => memory.Return((byte*)gradient.Start, gradient.Bytes));
            if (step == 3)
            {
                reserved = memory.Reserved;
            }
        }

        Assert.That(memory.Reserved, Is.EqualTo(reserved));
        memory.Return(weights, 10 * Mebi);
        memory.FreeUnused();
    }
}

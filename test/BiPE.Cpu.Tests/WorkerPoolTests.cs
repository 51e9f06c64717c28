namespace BiPE.Cpu.Tests;

/// <summary>Every chunk runs once, failures come back, calls allocate nothing.</summary>
public sealed class WorkerPoolTests
{
    private static readonly int[] s_threadCounts = [1, 2, 3, 5];

    [TestCaseSource(nameof(s_threadCounts))]
    public unsafe void EveryChunkRunsOnceOnAKnownWorker(int threads)
    {
        using var pool = new WorkerPool(threads);
        int* counts = stackalloc int[100];
        for (int repetition = 0; repetition < 200; repetition++)
        {
            for (int chunks = 0; chunks <= 100; chunks += 1 + (chunks / 3))
            {
                new Span<int>(counts, 100).Clear();
                pool.Run(chunks, new CountJob { Counts = counts, Workers = threads });
                Assert.That(new Span<int>(counts, 100).ToArray(), Is.EqualTo(Enumerable.Range(0, 100).Select(i => i < chunks ? 1 : 0)));
            }
        }
    }

    [Test]
    public unsafe void ParkedWorkersTakePartAgain()
    {
        using var pool = new WorkerPool(2);
        for (int repetition = 0; repetition < 3; repetition++)
        {
            Thread.Sleep(30);

            // Two chunks that wait for each other end only if two workers run them.
            int met = 0;
            pool.Run(2, new MeetJob { Met = &met });
            Assert.That(met, Is.EqualTo(2));
        }
    }

    [Test]
    public unsafe void ChunksOfABusyWorkerAreRunByTheOthers([Values(2, 3, 4)] int threads, [Values(0, 7, 63)] int busy)
    {
        using var pool = new WorkerPool(threads);

        // One chunk ends only when all others have, also those that its worker would have run next.
        int done = 0;
        pool.Run(64, new WaitingJob { Done = &done, Busy = busy, Others = 63 });
        Assert.That(done, Is.EqualTo(63));
    }

    [TestCaseSource(nameof(s_threadCounts))]
    public unsafe void AFailureComesBackAndThePoolWorksOn(int threads)
    {
        using var pool = new WorkerPool(threads);
        for (int failing = 0; failing < 20; failing++)
        {
            Assert.That(
                () => pool.Run(20, new FailingJob { Failing = failing }),
                Throws.TypeOf<InvalidTimeZoneException>().With.Message.EqualTo($"chunk {failing}"));
        }

        int* counts = stackalloc int[100];
        pool.Run(100, new CountJob { Counts = counts, Workers = threads });
        Assert.That(new Span<int>(counts, 100).ToArray(), Is.All.EqualTo(1));
    }

    [Test]
    public unsafe void AJobInsideAJobIsRefused()
    {
        using var pool = new WorkerPool(2);
        s_nested = pool;
        Assert.That(() => pool.Run(4, default(NestingJob)), Throws.InvalidOperationException);
    }

    [Test]
    public unsafe void ACallAllocatesNothing()
    {
        using var pool = new WorkerPool(2);
        int* counts = stackalloc int[100];
        pool.Run(100, new CountJob { Counts = counts, Workers = 2 });
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            pool.Run(100, new CountJob { Counts = counts, Workers = 2 });
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void ADisposedPoolRefusesWork()
    {
        var pool = new WorkerPool(2);
        pool.Dispose();
        pool.Dispose();
        Assert.That(() => pool.Run(2, default(NestingJob)), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => new WorkerPool(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static WorkerPool? s_nested;

    private unsafe struct CountJob : IJob
    {
        public int* Counts;
        public int Workers;

        public readonly void Execute(int chunk, int worker)
        {
            if ((uint)worker >= (uint)Workers)
            {
                throw new InvalidOperationException($"Worker {worker} of {Workers}.");
            }

            Interlocked.Increment(ref Counts[chunk]);
        }
    }

    private unsafe struct WaitingJob : IJob
    {
        public int* Done;
        public int Busy;
        public int Others;

        public readonly void Execute(int chunk, int worker)
        {
            if (chunk != Busy)
            {
                Interlocked.Increment(ref *Done);
                return;
            }

            var wait = default(SpinWait);
            while (Volatile.Read(ref *Done) < Others)
            {
                wait.SpinOnce();
            }
        }
    }

    private unsafe struct MeetJob : IJob
    {
        public int* Met;

        public readonly void Execute(int chunk, int worker)
        {
            Interlocked.Increment(ref *Met);
            var wait = default(SpinWait);
            while (Volatile.Read(ref *Met) < 2)
            {
                wait.SpinOnce();
            }
        }
    }

    private struct FailingJob : IJob
    {
        public int Failing;

        public readonly void Execute(int chunk, int worker)
        {
            if (chunk == Failing)
            {
                throw new InvalidTimeZoneException($"chunk {chunk}");
            }
        }
    }

    private struct NestingJob : IJob
    {
        public readonly void Execute(int chunk, int worker) => s_nested!.Run(2, default(NestingJob));
    }
}

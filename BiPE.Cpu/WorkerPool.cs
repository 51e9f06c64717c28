using System.Runtime.ExceptionServices;

namespace BiPE.Cpu;

/// <summary>
/// A fixed number of threads, the caller being one of them, that share the chunks of one job at a time. What a chunk covers is
/// the job's choice and must depend on shapes alone; who runs it is settled here. So results do not depend on the number of threads,
/// nor on who was busy. Each worker begins with a run of neighbouring chunks of its own, since neighbours share operands: two cores that
/// read the same lines at the same time take them from each other's caches, and slower. Who is done helps the others.
/// </summary>
internal sealed unsafe class WorkerPool : IDisposable
{
    private const int SpinsBeforeParking = 2000;
    private const int TicketStride = 8;

    private readonly Thread[] _threads;
    private readonly AutoResetEvent[] _wake;
    private readonly int[] _parked;
    private void* _job;
    private delegate*<void*, int, int, void> _execute;
    private ExceptionDispatchInfo? _failure;

    // For each worker one past its last chunk in the upper half, its next chunk in the lower: both change in one step, so a worker
    // that comes late can never take a chunk of one job with the end of another. A line apart.
    private readonly ulong[] _tickets;
    private int _completed;
    private int _running;
    private bool _disposed;

    /// <summary>Starts the threads.</summary>
    /// <param name="workerCount">Threads that work, with the caller; 1 or more.</param>
    public WorkerPool(int workerCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workerCount, 1);
        WorkerCount = workerCount;
        _threads = new Thread[workerCount - 1];
        _wake = new AutoResetEvent[workerCount - 1];
        _parked = new int[workerCount - 1];
        _tickets = new ulong[(workerCount + 1) * TicketStride];
        for (int i = 0; i < _threads.Length; i++)
        {
            int index = i;
            _wake[i] = new AutoResetEvent(initialState: false);
            _threads[i] = new Thread(() => Work(index)) { IsBackground = true, Name = $"BiPE worker {i + 1}" };
            _threads[i].Start();
        }
    }

    /// <summary>Threads that work, with the caller.</summary>
    public int WorkerCount { get; }

    /// <summary>Runs all chunks of a job and returns when the last is done.</summary>
    /// <typeparam name="TJob">The job; it is copied, so it can only answer through pointers.</typeparam>
    /// <param name="chunks">How many chunks.</param>
    /// <param name="job">What to do.</param>
    /// <exception cref="Exception">The first that a chunk threw; chunks not begun by then are left out.</exception>
    public void Run<TJob>(int chunks, TJob job)
        where TJob : unmanaged, IJob
    {
        if (chunks <= 0)
        {
            return;
        }

        if (chunks == 1 || WorkerCount == 1)
        {
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                job.Execute(chunk, worker: 0);
            }

            return;
        }

        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Interlocked.Exchange(ref _running, 1) != 0)
        {
            throw new InvalidOperationException("The worker pool runs one job at a time, and this one was started inside or beside another.");
        }

        _failure = null;
        _completed = 0;
        _job = &job;
        _execute = &Execute<TJob>;
        for (int worker = 0; worker < WorkerCount; worker++)
        {
            Interlocked.Exchange(ref TicketOf(worker), ((ulong)FirstChunk(worker + 1, chunks) << 32) | FirstChunk(worker, chunks));
        }

        WakeParked(Math.Min(chunks - 1, _threads.Length));
        TakeChunks(WorkerCount - 1);

        var wait = default(SpinWait);
        while (Volatile.Read(ref _completed) != chunks)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }

        ExceptionDispatchInfo? failure = _failure;
        Volatile.Write(ref _running, 0);
        failure?.Throw();
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        Volatile.Write(ref _disposed, true);
        foreach (AutoResetEvent wake in _wake)
        {
            wake.Set();
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        foreach (AutoResetEvent wake in _wake)
        {
            wake.Dispose();
        }
    }

    private static void Execute<TJob>(void* job, int chunk, int worker)
        where TJob : unmanaged, IJob => ((TJob*)job)->Execute(chunk, worker);

    private void Work(int index)
    {
        int idle = 0;
        while (!Volatile.Read(ref _disposed))
        {
            if (TakeChunks(index))
            {
                idle = 0;
            }
            else if (++idle < SpinsBeforeParking)
            {
                Thread.SpinWait(4);
            }
            else
            {
                Park(index);
                idle = 0;
            }
        }
    }

    private void Park(int index)
    {
        Interlocked.Exchange(ref _parked[index], 1);

        // A job that came before the flag was up has not seen it, so look once more.
        if (HasChunks() || Volatile.Read(ref _disposed))
        {
            if (Interlocked.Exchange(ref _parked[index], 0) == 1)
            {
                return;
            }
        }

        _wake[index].WaitOne();
    }

    private void WakeParked(int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (Volatile.Read(ref _parked[i]) != 0 && Interlocked.Exchange(ref _parked[i], 0) == 1)
            {
                _wake[i].Set();
            }
        }
    }

    private ref ulong TicketOf(int worker) => ref _tickets[(worker + 1) * TicketStride];

    private uint FirstChunk(int worker, int chunks) => (uint)((long)chunks * worker / WorkerCount);

    private bool HasChunks()
    {
        for (int worker = 0; worker < WorkerCount; worker++)
        {
            ulong ticket = Volatile.Read(ref TicketOf(worker));
            if ((uint)ticket < (uint)(ticket >> 32))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Runs a worker's own chunks, then others' that have not begun.</summary>
    private bool TakeChunks(int worker)
    {
        bool any = false;
        for (int i = 0; i < WorkerCount; i++)
        {
            any |= TakeChunks(worker, ref TicketOf((worker + i) % WorkerCount));
        }

        return any;
    }

    private bool TakeChunks(int worker, ref ulong tickets)
    {
        bool any = false;
        while (true)
        {
            ulong ticket = Volatile.Read(ref tickets);
            uint next = (uint)ticket;
            if (next >= (uint)(ticket >> 32))
            {
                return any;
            }

            if (Interlocked.CompareExchange(ref tickets, ticket + 1, ticket) != ticket)
            {
                continue;
            }

            any = true;
            try
            {
                if (Volatile.Read(ref _failure) is null)
                {
                    _execute(_job, (int)next, worker);
                }
            }
            catch (Exception failure)
            {
                Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(failure), null);
            }

            Interlocked.Increment(ref _completed);
        }
    }
}

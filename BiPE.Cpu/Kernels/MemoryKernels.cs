using BiPE.Core.Tensors;

namespace BiPE.Cpu.Kernels;

/// <summary>Copies, fills and conversions.</summary>
internal static unsafe class MemoryKernels
{
    private const int ChunkSize = 65536;

    /// <summary>Copies bytes.</summary>
    public static void Copy(KernelContext context, byte* destination, byte* source, nint byteLength) =>
        context.Workers.Run(
            KernelContext.Chunks(byteLength, ChunkSize), new CopyJob { Destination = destination, Source = source, Count = byteLength });

    /// <summary>Sets every element.</summary>
    public static void Fill<T>(KernelContext context, T* destination, nint count, T value)
        where T : unmanaged =>
        context.Workers.Run(KernelContext.Chunks(count, ChunkSize), new FillJob<T> { Destination = destination, Count = count, Value = value });

    /// <summary>Rounds to bfloat16, ties to even.</summary>
    public static void ToBFloat16(KernelContext context, ushort* destination, float* source, nint count) =>
        context.Workers.Run(KernelContext.Chunks(count, ChunkSize), new NarrowJob { Destination = destination, Source = source, Count = count });

    /// <summary>Widens bfloat16.</summary>
    public static void FromBFloat16(KernelContext context, float* destination, ushort* source, nint count) =>
        context.Workers.Run(KernelContext.Chunks(count, ChunkSize), new WidenJob { Destination = destination, Source = source, Count = count });

    private struct CopyJob : IJob
    {
        public byte* Destination;
        public byte* Source;
        public nint Count;

        public readonly void Execute(int chunk, int worker)
        {
            nint first = (nint)chunk * ChunkSize;
            nint length = Math.Min(ChunkSize, Count - first);
            Buffer.MemoryCopy(Source + first, Destination + first, length, length);
        }
    }

    private struct FillJob<T> : IJob
        where T : unmanaged
    {
        public T* Destination;
        public nint Count;
        public T Value;

        public readonly void Execute(int chunk, int worker)
        {
            nint first = (nint)chunk * ChunkSize;
            new Span<T>(Destination + first, (int)Math.Min(ChunkSize, Count - first)).Fill(Value);
        }
    }

    private struct NarrowJob : IJob
    {
        public ushort* Destination;
        public float* Source;
        public nint Count;

        public readonly void Execute(int chunk, int worker)
        {
            nint end = Math.Min(((nint)chunk + 1) * ChunkSize, Count);
            for (nint i = (nint)chunk * ChunkSize; i < end; i++)
            {
                Destination[i] = BFloat16Bits.FromSingle(Source[i]);
            }
        }
    }

    private struct WidenJob : IJob
    {
        public float* Destination;
        public ushort* Source;
        public nint Count;

        public readonly void Execute(int chunk, int worker)
        {
            nint first = (nint)chunk * ChunkSize;
            BFloat16Kernels.Widen(Destination + first, Source + first, Math.Min(ChunkSize, Count - first));
        }
    }
}

using BiPE.Cpu;

namespace BiPE.Benchmarks;

/// <summary>Aligned native memory with random values.</summary>
internal sealed unsafe class NativeFloats : IDisposable
{
    public NativeFloats(nint count)
    {
        var random = new Random(1);
        Start = (float*)SystemMemory.Allocate(count * sizeof(float));
        for (nint i = 0; i < count; i++)
        {
            Start[i] = random.NextSingle() - 0.5f;
        }
    }

    public float* Start { get; }

    public void Dispose() => SystemMemory.Free(Start);
}

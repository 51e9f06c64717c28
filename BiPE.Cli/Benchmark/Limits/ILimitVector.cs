namespace BiPE.Cli.Benchmark.Limits;

/// <summary>What the measurements of the processor's limits need of a vector; nothing of the kernels they judge.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal unsafe interface ILimitVector<TVector>
    where TVector : unmanaged
{
    /// <summary>Float32 lanes.</summary>
    static abstract int Width { get; }

    static abstract TVector Broadcast(float value);

    /// <summary>a * b + c.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Load(float* source);

    static abstract void Store(float* destination, TVector value);

    /// <summary>Stores past the caches; the destination is aligned to the vector's size.</summary>
    static abstract void StoreNonTemporal(float* destination, TVector value);

    static abstract float Sum(TVector value);
}

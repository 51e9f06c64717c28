namespace BiPE.Cpu.Simd;

/// <summary>
/// A width of float32 vectors. Kernels are written once against it and compiled for each width; every member is inlined to one
/// or a few instructions. Comparisons give masks: all bits set or none in each lane.
/// </summary>
/// <typeparam name="TSelf">The implementing struct.</typeparam>
/// <typeparam name="TVector">The vector it computes with.</typeparam>
internal unsafe interface ISimd<TSelf, TVector>
    where TSelf : struct, ISimd<TSelf, TVector>
    where TVector : unmanaged
{
    /// <summary>Float32 lanes of a vector.</summary>
    static abstract int Width { get; }

    /// <summary>Rows of the tiles of products: with three vectors a row they fill the registers and none spills.</summary>
    static abstract int TileRows { get; }

    static abstract TVector Zero { get; }

    static abstract TVector Load(float* source);

    /// <summary>Loads bfloat16, widened.</summary>
    static abstract TVector LoadBFloat16(ushort* source);

    static abstract void Store(float* destination, TVector value);

    /// <summary>Loads the first lanes and reads nothing beyond them; the rest is zero.</summary>
    /// <param name="source">First element.</param>
    /// <param name="count">Lanes to load, 0 to <see cref="Width"/>.</param>
    static abstract TVector LoadPartial(float* source, nint count);

    /// <summary>Stores the first lanes and writes nothing beyond them.</summary>
    /// <param name="destination">First element.</param>
    /// <param name="value">Lanes.</param>
    /// <param name="count">Lanes to store, 0 to <see cref="Width"/>.</param>
    static abstract void StorePartial(float* destination, TVector value, nint count);

    static abstract TVector Broadcast(float value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Divide(TVector a, TVector b);

    /// <summary>a * b + c, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>The larger of each pair; NaN where b is, either where only a is.</summary>
    static abstract TVector Maximum(TVector a, TVector b);

    /// <summary>The smaller of each pair; NaN where b is, either where only a is.</summary>
    static abstract TVector Minimum(TVector a, TVector b);

    static abstract TVector SquareRoot(TVector value);

    /// <summary>To the nearest integer, ties to even.</summary>
    static abstract TVector Round(TVector value);

    /// <summary>value * 2^exponent, rounded once, for integral exponents of -160 to 160.</summary>
    static abstract TVector ScaleByPowerOfTwo(TVector value, TVector exponent);

    /// <summary>Splits positive normal numbers into a mantissa in [0.5, 1) and the exponent of two that it is scaled by.</summary>
    static abstract TVector SplitExponent(TVector value, out TVector mantissa);

    static abstract TVector LessThan(TVector a, TVector b);

    static abstract TVector LessThanOrEqual(TVector a, TVector b);

    static abstract TVector Equal(TVector a, TVector b);

    static abstract TVector And(TVector a, TVector b);

    /// <summary>Lanes of one vector where the mask is set, else of the other.</summary>
    static abstract TVector Select(TVector mask, TVector whenSet, TVector otherwise);

    /// <summary>Sum of the lanes, by halves.</summary>
    static abstract float Sum(TVector value);

    /// <summary>Largest lane.</summary>
    static abstract float Largest(TVector value);
}

using System.Runtime.Intrinsics;

namespace BiPE.Cli.Benchmark.Limits;

/// <summary>Vectors of 128 bits.</summary>
internal readonly unsafe struct LimitVector128 : ILimitVector<Vector128<float>>
{
    public static int Width => Vector128<float>.Count;

    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) => Vector128.MultiplyAddEstimate(a, b, c);

    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    public static void Store(float* destination, Vector128<float> value) => Vector128.Store(value, destination);

    public static void StoreNonTemporal(float* destination, Vector128<float> value) => Vector128.StoreAlignedNonTemporal(value, destination);

    public static float Sum(Vector128<float> value) => Vector128.Sum(value);
}

using System.Runtime.Intrinsics;

namespace BiPE.Cli.Benchmark.Limits;

/// <summary>Vectors of 256 bits.</summary>
internal readonly unsafe struct LimitVector256 : ILimitVector<Vector256<float>>
{
    public static int Width => Vector256<float>.Count;

    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.MultiplyAddEstimate(a, b, c);

    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    public static void Store(float* destination, Vector256<float> value) => Vector256.Store(value, destination);

    public static void StoreNonTemporal(float* destination, Vector256<float> value) => Vector256.StoreAlignedNonTemporal(value, destination);

    public static float Sum(Vector256<float> value) => Vector256.Sum(value);
}

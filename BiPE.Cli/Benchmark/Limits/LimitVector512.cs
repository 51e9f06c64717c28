using System.Runtime.Intrinsics;

namespace BiPE.Cli.Benchmark.Limits;

/// <summary>Vectors of 512 bits.</summary>
internal readonly unsafe struct LimitVector512 : ILimitVector<Vector512<float>>
{
    public static int Width => Vector512<float>.Count;

    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.MultiplyAddEstimate(a, b, c);

    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    public static void Store(float* destination, Vector512<float> value) => Vector512.Store(value, destination);

    public static void StoreNonTemporal(float* destination, Vector512<float> value) => Vector512.StoreAlignedNonTemporal(value, destination);

    public static float Sum(Vector512<float> value) => Vector512.Sum(value);
}

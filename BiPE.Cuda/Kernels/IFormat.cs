using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>How numbers are stored in a tensor's memory.</summary>
/// <typeparam name="T">What one element is stored as.</typeparam>
internal interface IFormat<T>
    where T : unmanaged
{
    /// <summary>The number an element stands for.</summary>
    static abstract float Decode(T element);

    /// <summary>The element nearest to a number, ties to even.</summary>
    static abstract T Encode(float value);

    /// <summary>Reads eight elements by accesses of 16 bytes.</summary>
    /// <param name="view">Memory.</param>
    /// <param name="index">First element; its address is a multiple of 16.</param>
    static abstract Octet LoadWide(ArrayView<T> view, long index);

    /// <summary>Writes eight elements by accesses of 16 bytes.</summary>
    /// <param name="view">Memory.</param>
    /// <param name="index">First element; its address is a multiple of 16.</param>
    /// <param name="value">The numbers.</param>
    static abstract void StoreWide(ArrayView<T> view, long index, Octet value);
}

using System.Numerics;

namespace BiPE.Core.Tensors.Reference;

/// <summary>
/// The one readable definition of every operation, a loop nest each, over row-major spans. In float64 it is the oracle of the
/// tests and the body of operations that a backend leaves out; see <see cref="ITensorBackend"/> for the formulas.
/// </summary>
/// <typeparam name="T">Number type that everything is computed in.</typeparam>
public static partial class ReferenceOperations<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private static void Write(ref T destination, T value, WriteMode mode) =>
        destination = mode == WriteMode.Accumulate ? destination + value : value;
}

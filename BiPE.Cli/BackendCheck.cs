using BiPE.Core;
using BiPE.Core.Tensors;

namespace BiPE.Cli;

/// <summary>A small computation with a known result that a device must pass before it is trusted with more.</summary>
internal static class BackendCheck
{
    private static readonly double[] Left = [1, 2, 3, 4, 5, 6];
    private static readonly double[] Right = [7, 8, 9, 10, 11, 12];

    /// <summary>The product of <c>[2, 3]</c> and <c>[3, 2]</c>; all numbers are exact in 8 bits of mantissa.</summary>
    private static readonly double[] Product = [58, 64, 139, 154];

    /// <summary>Computes and compares.</summary>
    /// <param name="backend">The backend to try.</param>
    /// <exception cref="BipeException">It computes something else, or fails.</exception>
    public static void Run(ITensorBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        double[] found = Multiply(backend);
        if (!found.AsSpan().SequenceEqual(Product))
        {
            throw new BipeException(
                $"The backend '{backend.Info.Name}' ({backend.Info.Device}) computes wrongly: a test product gave [{string.Join(", ", found)}], expected [{string.Join(", ", Product)}]; choose another with --backend.");
        }
    }

    private static double[] Multiply(ITensorBackend backend)
    {
        ElementType type = backend.Info.ActivationType;
        using var scope = new TensorScope(backend);
        Tensor left = scope.Allocate(new Shape(2, 3), type);
        Tensor right = scope.Allocate(new Shape(3, 2), type);
        Tensor product = scope.Allocate(new Shape(2, 2), type);
        backend.WriteDoubles(left, Left);
        backend.WriteDoubles(right, Right);
        backend.MatMul(product, left, right);
        return backend.ReadDoubles(product);
    }
}

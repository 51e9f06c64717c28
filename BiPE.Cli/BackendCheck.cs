using BiPE.Core;
using BiPE.Core.Tensors;

namespace BiPE.Cli;

/// <summary>A small computation with a known result that a device must pass before it is trusted with more.</summary>
internal static class BackendCheck
{
    private static readonly double[] Left = [1, 2, 3, 4, 5, 6];
    private static readonly double[] Right = [7, 8, 9, 10, 11, 12];

    /// <summary>Twice the product of <c>[2, 3]</c> and <c>[3, 2]</c>, exact in 8 bits of mantissa, and the sum of its squares.</summary>
    private static readonly double[] Expected = [116, 128, 278, 308, 201988];

    /// <summary>Computes and compares.</summary>
    /// <param name="backend">The backend to try.</param>
    /// <exception cref="BipeException">It computes something else, or fails.</exception>
    public static void Run(ITensorBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        double[] found = Compute(backend);
        if (!found.AsSpan().SequenceEqual(Expected))
        {
            throw new BipeException(
                $"The backend '{backend.Info.Name}' ({backend.Info.Device}) computes wrongly: a test gave [{string.Join(", ", found)}], expected [{string.Join(", ", Expected)}]; choose another with --backend.");
        }
    }

    /// <summary>A product, which a device's library may compute, and two operations that take kernels of its own, one of them with a reduction.</summary>
    private static double[] Compute(ITensorBackend backend)
    {
        ElementType type = backend.Info.ActivationType;
        using var scope = new TensorScope(backend);
        Tensor left = scope.Allocate(new Shape(2, 3), type);
        Tensor right = scope.Allocate(new Shape(3, 2), type);
        Tensor product = scope.Allocate(new Shape(2, 2), type);
        backend.WriteDoubles(left, Left);
        backend.WriteDoubles(right, Right);
        backend.MatMul(product, left, right);
        Tensor twice = scope.Allocate(product.Shape, type);
        backend.Add(twice, product, product);
        Tensor squares = scope.Allocate(new Shape(1), backend.Info.StatisticsType);
        backend.SumOfSquares(squares, [twice]);
        return [.. backend.ReadDoubles(twice), .. backend.ReadDoubles(squares)];
    }
}

using BiPE.Core.Tensors;

namespace BiPE.Cpu.Tests.Kernels;

/// <summary>Operands with the same values in every run.</summary>
internal sealed class GuardedOperands(TensorScope scope)
{
    private readonly Random _random = new(5);

    public ITensorBackend Backend => scope.Backend;

    /// <summary>Values of -1 to 1.</summary>
    public Tensor Values(params int[] extents)
    {
        Tensor tensor = scope.Allocate(new Shape(extents));
        Backend.WriteFloats(tensor, [.. Enumerable.Range(0, (int)tensor.Count).Select(_ => (2 * _random.NextSingle()) - 1)]);
        return tensor;
    }

    /// <summary>Values of 0.5 to 1.5.</summary>
    public Tensor Positive(params int[] extents)
    {
        Tensor tensor = scope.Allocate(new Shape(extents));
        Backend.WriteFloats(tensor, [.. Enumerable.Range(0, (int)tensor.Count).Select(_ => 0.5f + _random.NextSingle())]);
        return tensor;
    }

    /// <summary>Values of -1 to 1 in bfloat16.</summary>
    public Tensor Narrow(params int[] extents)
    {
        Tensor tensor = Empty(ElementType.BFloat16, extents);
        Backend.WriteFloats(tensor, [.. Enumerable.Range(0, (int)tensor.Count).Select(_ => (2 * _random.NextSingle()) - 1)]);
        return tensor;
    }

    /// <summary>Content undefined.</summary>
    public Tensor Empty(params int[] extents) => scope.Allocate(new Shape(extents));

    /// <summary>Content undefined, of another type.</summary>
    public Tensor Empty(ElementType type, params int[] extents) => scope.Allocate(new Shape(extents), type);

    /// <summary>Integers by index.</summary>
    public Tensor Integers(Func<int, int> value, params int[] extents)
    {
        Tensor tensor = scope.Allocate(new Shape(extents), ElementType.Int32);
        Backend.Upload<int>(tensor, [.. Enumerable.Range(0, (int)tensor.Count).Select(value)]);
        return tensor;
    }
}

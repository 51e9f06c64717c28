using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark.Cases;

/// <summary>One operand in each of several sets, used in turns.</summary>
/// <param name="tensors">The operands.</param>
internal sealed class TensorSet(IReadOnlyList<Tensor> tensors)
{
    /// <summary>The one whose turn it is.</summary>
    /// <param name="turn">Number of the run, from 0.</param>
    public Tensor this[int turn] => tensors[turn % tensors.Count];

    /// <summary>Does something with each.</summary>
    /// <param name="action">What to do.</param>
    public void ForEach(Action<Tensor> action)
    {
        foreach (Tensor tensor in tensors)
        {
            action(tensor);
        }
    }
}

using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

/// <summary>One recorded operation: what it saved, and its hand-written gradient.</summary>
public abstract class TapeNode
{
    /// <summary>Creates a node.</summary>
    /// <param name="output">What the operation made.</param>
    protected TapeNode(Variable output) => Output = output;

    /// <summary>What the operation made.</summary>
    public Variable Output { get; }

    /// <summary>Whether the node starts the backward pass itself (a loss) instead of waiting for its output's gradient.</summary>
    public virtual bool IsLoss => false;

    /// <summary>Adds the gradients of the operation's inputs.</summary>
    /// <param name="backend">Where to compute.</param>
    /// <param name="gradients">Gradients so far; <see cref="Gradients.OfOutput"/> is this output's.</param>
    public abstract void Backward(ITensorBackend backend, Gradients gradients);

    /// <summary>Gives back tensors that only this node used.</summary>
    /// <param name="scope">The scope they were allocated in.</param>
    public virtual void ReleaseSaved(TensorScope scope)
    {
    }
}

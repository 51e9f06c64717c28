using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

/// <summary>A tensor in a computation that may be differentiated.</summary>
public class Variable
{
    /// <summary>Creates a variable.</summary>
    /// <param name="value">Its value.</param>
    /// <param name="requiresGradient">Whether gradients flow to it.</param>
    public Variable(Tensor value, bool requiresGradient)
    {
        ArgumentNullException.ThrowIfNull(value);
        Value = value;
        RequiresGradient = requiresGradient;
    }

    /// <summary>Its value.</summary>
    public Tensor Value { get; }

    /// <summary>Whether gradients flow to it.</summary>
    public virtual bool RequiresGradient { get; }

    /// <summary>Extents of its value.</summary>
    public Shape Shape => Value.Shape;

    /// <summary>Whether the operation that made it reads its value again in the backward pass.</summary>
    internal bool IsSavedByProducer { get; set; }

    /// <summary>Operations that have read it.</summary>
    internal int UseCount { get; set; }

    /// <summary>Whether an operation in place took its memory over.</summary>
    internal bool IsTakenOver { get; set; }
}

using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

/// <summary>A tensor in a computation that may be differentiated.</summary>
public class Variable
{
    private Tensor? _value;

    /// <summary>Creates a variable.</summary>
    /// <param name="value">Its value.</param>
    /// <param name="requiresGradient">Whether gradients flow to it.</param>
    public Variable(Tensor value, bool requiresGradient)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = value;
        Shape = value.Shape;
        Type = value.Type;
        RequiresGradient = requiresGradient;
    }

    /// <summary>Its value; computed again if it was forgotten.</summary>
    public Tensor Value => _value ??= Recomputation!.Compute();

    /// <summary>Whether gradients flow to it.</summary>
    public virtual bool RequiresGradient { get; }

    /// <summary>Extents of its value.</summary>
    public Shape Shape { get; }

    /// <summary>Element type of its value.</summary>
    internal ElementType Type { get; }

    /// <summary>Its value unless it is forgotten.</summary>
    internal Tensor? HeldValue => _value;

    /// <summary>How to compute the value again; null if it must be kept for the backward pass.</summary>
    internal Recomputation? Recomputation { get; set; }

    /// <summary>Whether its memory was given back before the backward pass.</summary>
    internal bool WasForgotten { get; private set; }

    /// <summary>Whether the operation that made it reads its value again in the backward pass.</summary>
    internal bool IsSavedByProducer { get; set; }

    /// <summary>Operations that have read it.</summary>
    internal int UseCount { get; set; }

    /// <summary>Whether an operation in place took its memory over.</summary>
    internal bool IsTakenOver { get; set; }

    /// <summary>Gives the value's memory back until somebody reads it again; does nothing to a value that cannot be computed again.</summary>
    internal void Forget()
    {
        if (_value is not null && Recomputation is { } recomputation && recomputation.Scope.Release(_value))
        {
            _value = null;
            WasForgotten = true;
        }
    }
}

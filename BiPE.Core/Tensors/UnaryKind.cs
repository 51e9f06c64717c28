namespace BiPE.Core.Tensors;

/// <summary>Elementwise functions of one argument.</summary>
public enum UnaryKind
{
    /// <summary>x * sigmoid(x).</summary>
    Silu,

    /// <summary>1 / (1 + exp(-x)).</summary>
    Sigmoid,

    /// <summary>max(x, 0); its derivative at 0 is 0.</summary>
    Relu,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>e to the x.</summary>
    Exp,

    /// <summary>Natural logarithm.</summary>
    Log,
}

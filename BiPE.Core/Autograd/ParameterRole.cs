namespace BiPE.Core.Autograd;

/// <summary>What a parameter does.</summary>
public enum ParameterRole
{
    /// <summary>Weight of a matrix product.</summary>
    Linear,

    /// <summary>Table of rows that ids look up.</summary>
    Embedding,

    /// <summary>Gain of a norm.</summary>
    Norm,

    /// <summary>Row added to the result of a matrix product; it starts at zero and never decays.</summary>
    Bias,

    /// <summary>Number of a position encoding's formula, for instance a slope; it never decays.</summary>
    Position,
}

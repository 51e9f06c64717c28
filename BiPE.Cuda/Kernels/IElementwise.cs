namespace BiPE.Cuda.Kernels;

/// <summary>An elementwise operation of up to two operands and the destination's old content, as a type that a kernel is compiled for.</summary>
internal interface IElementwise
{
    /// <summary>Whether the second operand is read.</summary>
    static abstract bool ReadsSecond { get; }

    /// <summary>Whether the old content is read.</summary>
    static abstract bool ReadsOld { get; }

    /// <summary>The new element.</summary>
    static abstract float Apply(float first, float second, float old, float factor);
}

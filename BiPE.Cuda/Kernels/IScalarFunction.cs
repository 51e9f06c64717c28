namespace BiPE.Cuda.Kernels;

/// <summary>A function of one number, as a type that kernels are compiled for.</summary>
internal interface IScalarFunction
{
    static abstract float Apply(float x);
}

/// <summary>e to the x.</summary>
internal readonly struct Exponential : IScalarFunction
{
    public static float Apply(float x) => KernelMath.Exp(x);
}

/// <summary>1 / (1 + e^-x).</summary>
internal readonly struct Sigmoid : IScalarFunction
{
    public static float Apply(float x) => KernelMath.Sigmoid(x);
}

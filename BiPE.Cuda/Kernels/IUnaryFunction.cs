namespace BiPE.Cuda.Kernels;

/// <summary>A function of one argument with its derivative.</summary>
internal interface IUnaryFunction
{
    static abstract float Value(float x);

    static abstract float Derivative(float x);
}

namespace BiPE.Cuda.Kernels;

/// <summary>x * sigmoid(x).</summary>
internal readonly struct SiluFunction : IUnaryFunction
{
    public static float Value(float x) => x * KernelMath.Sigmoid(x);

    public static float Derivative(float x)
    {
        float sigmoid = KernelMath.Sigmoid(x);
        return sigmoid * (1f + (x * (1f - sigmoid)));
    }
}

/// <summary>1 / (1 + e^-x).</summary>
internal readonly struct SigmoidFunction : IUnaryFunction
{
    public static float Value(float x) => KernelMath.Sigmoid(x);

    public static float Derivative(float x)
    {
        float sigmoid = KernelMath.Sigmoid(x);
        return sigmoid * (1f - sigmoid);
    }
}

/// <summary>max(x, 0); NaN stays NaN.</summary>
internal readonly struct ReluFunction : IUnaryFunction
{
    public static float Value(float x) => x <= 0f ? 0f : x;

    public static float Derivative(float x) => x > 0f ? 1f : 0f;
}

/// <summary>Hyperbolic tangent.</summary>
internal readonly struct TanhFunction : IUnaryFunction
{
    public static float Value(float x) => KernelMath.Tanh(x);

    public static float Derivative(float x)
    {
        float tanh = KernelMath.Tanh(x);
        return 1f - (tanh * tanh);
    }
}

/// <summary>e to the x.</summary>
internal readonly struct ExpFunction : IUnaryFunction
{
    public static float Value(float x) => KernelMath.Exp(x);

    public static float Derivative(float x) => KernelMath.Exp(x);
}

/// <summary>Natural logarithm.</summary>
internal readonly struct LogFunction : IUnaryFunction
{
    public static float Value(float x) => KernelMath.Log(x);

    public static float Derivative(float x) => 1f / x;
}

/// <summary>A function of the first operand.</summary>
internal readonly struct UnaryOperation<TFunction> : IElementwise
    where TFunction : struct, IUnaryFunction
{
    public static bool ReadsSecond => false;

    public static bool ReadsOld => false;

    public static float Apply(float first, float second, float old, float factor) => TFunction.Value(first);
}

/// <summary>The first operand times a function's derivative at the second.</summary>
internal readonly struct UnaryBackwardOperation<TFunction> : IElementwise
    where TFunction : struct, IUnaryFunction
{
    public static bool ReadsSecond => true;

    public static bool ReadsOld => false;

    public static float Apply(float first, float second, float old, float factor) => first * TFunction.Derivative(second);
}

/// <summary>As <see cref="UnaryBackwardOperation{TFunction}"/>, added to the destination.</summary>
internal readonly struct UnaryBackwardAddOperation<TFunction> : IElementwise
    where TFunction : struct, IUnaryFunction
{
    public static bool ReadsSecond => true;

    public static bool ReadsOld => true;

    public static float Apply(float first, float second, float old, float factor) => old + (first * TFunction.Derivative(second));
}

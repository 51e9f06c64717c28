namespace BiPE.Cuda.Kernels;

/// <summary>a + b.</summary>
internal readonly struct AddOperation : IElementwise
{
    public static bool ReadsSecond => true;

    public static bool ReadsOld => false;

    public static float Apply(float first, float second, float old, float factor) => first + second;
}

/// <summary>a * b.</summary>
internal readonly struct MultiplyOperation : IElementwise
{
    public static bool ReadsSecond => true;

    public static bool ReadsOld => false;

    public static float Apply(float first, float second, float old, float factor) => first * second;
}

/// <summary>destination + a * b.</summary>
internal readonly struct MultiplyAddOperation : IElementwise
{
    public static bool ReadsSecond => true;

    public static bool ReadsOld => true;

    public static float Apply(float first, float second, float old, float factor) => old + (first * second);
}

/// <summary>destination + factor * a.</summary>
internal readonly struct AddScaledOperation : IElementwise
{
    public static bool ReadsSecond => false;

    public static bool ReadsOld => true;

    public static float Apply(float first, float second, float old, float factor) => old + (factor * first);
}

/// <summary>factor * a.</summary>
internal readonly struct ScaleOperation : IElementwise
{
    public static bool ReadsSecond => false;

    public static bool ReadsOld => false;

    public static float Apply(float first, float second, float old, float factor) => factor * first;
}

/// <summary>a, for conversions.</summary>
internal readonly struct IdentityOperation : IElementwise
{
    public static bool ReadsSecond => false;

    public static bool ReadsOld => false;

    public static float Apply(float first, float second, float old, float factor) => first;
}

using BiPE.Core.Tensors;

namespace BiPE.Cli.SelfTest;

/// <summary>How far a backend may be from the reference, by what it computes in.</summary>
/// <param name="Operation">Of one operation, relative to the size of what is summed.</param>
/// <param name="Logits">Of a model's logits.</param>
/// <param name="Loss">Of mean losses, relative.</param>
/// <param name="Gradients">Of norms of gradients, relative.</param>
internal sealed record SelfTestBounds(double Operation, double Logits, double Loss, double Gradients)
{
    private static readonly SelfTestBounds Float32 = new(1e-4, 2e-4, 1e-4, 1e-3);

    // TF32 rounds the factors of products to 1/2048, bfloat16 everything to 1/256, and a gradient meets several such roundings.
    // Logits meet too many for a bound that would tell anything; losses average them.
    private static readonly SelfTestBounds TensorFloat32 = new(1e-2, double.PositiveInfinity, 1e-2, 2e-2);
    private static readonly SelfTestBounds BFloat16 = new(0.1, double.PositiveInfinity, 1e-2, 0.1);

    /// <summary>The bounds of a backend.</summary>
    /// <param name="backend">The backend.</param>
    public static SelfTestBounds Of(ITensorBackend backend) =>
        backend.Info.ActivationType == ElementType.BFloat16 ? BFloat16
        : backend.Info.Device.Contains("TF32", StringComparison.Ordinal) ? TensorFloat32
        : Float32;
}

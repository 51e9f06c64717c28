namespace BiPE.Core.Tests.Golden;

/// <summary>
/// How far results may be from the golden numbers. Float32: the column of recommended tolerances. Float64: what rounding the
/// stored arrays to float32 leaves (5e-7 for logits and losses), 1e-12 relative for the stored float64 means and norms.
/// </summary>
internal sealed record GoldenBounds(double Logits, double Losses, double MeanLoss, double Gradients)
{
    public static GoldenBounds For(string backend, string caseName, string encoding)
    {
        if (backend == "reference")
        {
            return new GoldenBounds(6e-7, 6e-7, 1e-12, 2e-12);
        }

        bool veryLong = caseName == "very_long";
        bool plain = encoding is "rope" or "alibi";
        return new GoldenBounds(veryLong && plain ? 1e-3 : 3e-4, veryLong ? 1e-3 : 1e-4, 1e-5, 1e-4);
    }
}

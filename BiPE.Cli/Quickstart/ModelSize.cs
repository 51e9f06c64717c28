namespace BiPE.Cli.Quickstart;

/// <summary>A size of byte-level model.</summary>
/// <param name="HiddenSize">Width; a multiple of 32, the size of a head.</param>
/// <param name="LayerCount">Layers.</param>
internal sealed record ModelSize(int HiddenSize, int LayerCount)
{
    /// <summary>The sizes that a quickstart chooses from.</summary>
    public static readonly ModelSize[] FromSmallest = [new(96, 3), new(128, 4), new(192, 4), new(256, 6), new(384, 8), new(512, 10)];
}

using BiPE.Cli.Console;

namespace BiPE.Cli.Tests.Console;

internal sealed class LengthPlotTests : CommandTests
{
    private static readonly int[] Lengths = [256, 512, 1024, 2048];

    [TestCase(33.3, 33.5, 33.8, 33.9)]
    [TestCase(2, 9, 60, 400)]
    [TestCase(3, 3, 3, 3)]
    [TestCase(3, double.PositiveInfinity, double.NaN, 5)]
    [TestCase(double.NaN, double.NaN, double.NaN, double.NaN)]
    public void AnyPerplexitiesGiveAPicture(params double[] perplexities)
    {
        string path = PathOf("plot.png");
        LengthPlot.Save(path, "title", [("rope", Lengths, perplexities), ("bipe_rope", Lengths, [.. perplexities.Reverse()])], 256);

        byte[] png = File.ReadAllBytes(path);
        Assert.That(png.AsSpan(0, 8).ToArray(), Is.EqualTo(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10 }));
        Assert.That(png, Has.Length.GreaterThan(5000), "not an empty picture");
    }
}

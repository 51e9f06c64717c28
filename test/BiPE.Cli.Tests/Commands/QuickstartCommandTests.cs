namespace BiPE.Cli.Tests.Commands;

internal sealed class QuickstartCommandTests : CommandTests
{
    private static readonly byte[] PngSignature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    [Test]
    public void ItEndsWithTableAndPictureAndGoesOnWhereItWas()
    {
        string data = PathOf("data");
        Directory.CreateDirectory(data);
        for (int i = 0; i < 40; i++)
        {
            File.WriteAllText(Path.Combine(data, $"{i:D2}.txt"), string.Concat(Enumerable.Range(0, 120).Select(k => $"Line {k % 9} of text {i} says {k * 7 % 10}.\n")));
        }

        string output = PathOf("quick");
        string[] arguments = ["quickstart", "--data", data, "--output", output, "--minutes", "0.005", "--backend", "cpu"];
        BipeOutcome first = BipeProcess.Run(arguments).RequireSuccess();
        Assert.That(first.Output, Does.Contain("rope").And.Contain("bipe_rope").And.Contain("2,048 (8x)"));
        string plot = Path.Combine(output, "perplexity.png");
        Assert.That(File.ReadAllBytes(plot)[..8], Is.EqualTo(PngSignature));
        foreach (string encoding in new[] { "rope", "bipe_rope" })
        {
            Assert.That(File.Exists(Path.Combine(output, encoding, "model.safetensors")), encoding);
        }

        Assert.That(BipeProcess.Run(arguments).RequireSuccess().Output, Is.EqualTo(first.Output), "nothing is trained again");
        BipeProcess.Run("quickstart", "--minutes", "-1").RequireError(2, "--minutes");
        BipeProcess.Run("quickstart", "--data", PathOf("missing"), "--output", PathOf("other")).RequireError(1, "missing");
    }
}

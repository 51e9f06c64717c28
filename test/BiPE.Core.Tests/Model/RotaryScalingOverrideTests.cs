using BiPE.Core.Model;
using BiPE.Testing;

namespace BiPE.Core.Tests.Model;

public sealed class RotaryScalingOverrideTests
{
    private static readonly ModelConfig Rope = TinyModels.Config("rope") with { MaximumPositions = 512 };

    [TestCase("linear", null, 512, null)]
    [TestCase("dynamic", null, 512, null)]
    [TestCase("dynamic", 100, 100, null)]
    [TestCase("yarn", null, 2048, 512)]
    [TestCase("yarn", 100, 400, 100)]
    [TestCase("ntk-by-parts", 100, 400, 100)]
    [TestCase("llama3", null, 2048, 512)]
    public void AConfigurationWithItIsReadBackFromItsFile(string method, int? given, int maximum, int? original)
    {
        ModelConfig config = new RotaryScalingOverride(method, 4) { OriginalLength = given }.ApplyTo(Rope, "a model");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(config.RotaryScaling!.Type, Is.EqualTo(method));
            Assert.That(config.RotaryScaling.Factor, Is.EqualTo(4));
            Assert.That(config.RotaryScaling.OriginalMaximumPositions, Is.EqualTo(original));
            Assert.That(config.MaximumPositions, Is.EqualTo(maximum));
            Assert.That(config with { RotaryScaling = null, MaximumPositions = 512 }, Is.EqualTo(Rope), "nothing else changes");
        }

        using var folder = new TemporaryFolder();
        ModelConfigWriter.Write(folder.Path, config);
        Assert.That(ModelConfigReader.Read(folder.Path).RotaryScaling, Is.EqualTo(config.RotaryScaling));
        Assert.That(ModelConfigReader.Read(folder.Path).MaximumPositions, Is.EqualTo(maximum));
    }

    [Test]
    public void TheOriginalLengthOfAScaledModelStays()
    {
        ModelConfig once = new RotaryScalingOverride("yarn", 4).ApplyTo(Rope, "a model");
        ModelConfig twice = new RotaryScalingOverride("yarn", 16).ApplyTo(once, "a model");
        ModelConfig llama = Rope with
        {
            RotaryScaling = new RotaryScalingConfig("llama3", 2) { OriginalMaximumPositions = 64, LowFrequencyFactor = 2, HighFrequencyFactor = 5 },
        };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(twice.RotaryScaling!.OriginalMaximumPositions, Is.EqualTo(512));
            Assert.That(twice.MaximumPositions, Is.EqualTo(8192));
            Assert.That(new RotaryScalingOverride("none").ApplyTo(once, "a model").RotaryScaling, Is.Null);
            Assert.That(
                new RotaryScalingOverride("llama3", 8).ApplyTo(llama, "a model").RotaryScaling, Is.EqualTo(llama.RotaryScaling with { Factor = 8 }));
        }
    }

    [Test]
    public void LabelsTellScalingsApart()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(new RotaryScalingOverride("none").Label, Is.EqualTo("none"));
            Assert.That(new RotaryScalingOverride("yarn", 2.5).Label, Is.EqualTo("yarn 2.5"));
            Assert.That(
                new RotaryScalingOverride("yarn", 16) { OriginalLength = 20, AttentionFactor = 1 }.Label, Is.EqualTo("yarn 16 of 20 amplitude 1"));
        }
    }

    [Test]
    public void FaultsAreNamed()
    {
        Refuses(new("yarm", 4), Rope, "--rope-scaling is 'yarm', which is not known");
        Refuses(new("yarm", 4), Rope, "did you mean yarn?");
        Refuses(new("yarn"), Rope, "--rope-factor is missing");
        Refuses(new("yarn", 0.5), Rope, "--rope-factor is 0.5");
        Refuses(new("linear", 1), Rope, "--rope-factor is 1,");
        Refuses(new("linear", double.NaN), Rope, "--rope-factor is NaN");
        Refuses(new("yarn", double.PositiveInfinity), Rope, "factor is");
        Refuses(new("none", 2), Rope, "--rope-factor is given, but --rope-scaling none has no such number");
        Refuses(new("linear", 2) { OriginalLength = 8 }, Rope, "--rope-original is given, but --rope-scaling linear");
        Refuses(new("llama3", 2) { AttentionFactor = 1 }, Rope, "--rope-attention-factor is given");
        Refuses(new("yarn", 2) { AttentionFactor = 0 }, Rope, "attention_factor is 0");
        Refuses(new("yarn", 2) { OriginalLength = 0 }, Rope, "--rope-original is 0");
        Refuses(new("yarn", 2), TinyModels.Config("alibi"), "a model: rpe_type alibi has no rotary encoding that yarn could scale; leave --rope-scaling out");
        Refuses(new("none"), TinyModels.Config("bipe_alibi"), "rpe_type bipe_alibi has no rotary encoding");

        static void Refuses(RotaryScalingOverride scaling, ModelConfig config, string sentence) =>
            Assert.That(() => scaling.ApplyTo(config, "a model"), Throws.TypeOf<BipeException>().With.Message.Contains(sentence));
    }
}

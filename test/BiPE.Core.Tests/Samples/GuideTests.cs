using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Positions;
using BiPE.Core.Tensors;
using BiPE.Core.Tests.Model;
using BiPE.Testing;

namespace BiPE.Core.Tests.Samples;

/// <summary>The guide's example is this folder's, and does what the guide says.</summary>
public sealed class GuideTests
{
    private static readonly Lazy<string> Name = new(() =>
    {
        PositionEncodingRegistry.Add(LogarithmicPenalty.Kind);
        return LogarithmicPenalty.Kind.Name;
    });

    [Test]
    public void TheGuideQuotesTheExample()
    {
        string guide = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "docs", "add-an-encoding.md"));
        string example = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "test", "BiPE.Core.Tests", "Samples", "LogarithmicPenalty.cs"));
        string[] blocks = [.. guide.Split("```csharp\n").Skip(1).Select(part => part.Split("```")[0])];
        Assert.That(blocks[0], Is.EqualTo(example));
        Assert.That(blocks[1].Trim(), Is.EqualTo("PositionEncodingRegistry.Add(LogarithmicPenalty.Kind);"));
    }

    [TestCase("")]
    [TestCase("bipe_")]
    public void TheExampleTrainsAndDecodes(string prefix)
    {
        using var backend = new ReferenceBackend();
        ModelConfig config = TinyModels.Config(prefix + Name.Value) with { AttentionOptions = new Dictionary<string, double> { ["gain"] = 2 } };
        using LanguageModel model = TinyModels.Create(backend, config);
        TokenBatch batch = TinyModels.Batch();
        using (var tape = new Tape(backend, isRecording: true))
        {
            model.Losses(tape, batch, 1.0 / batch.LabelCount);
            tape.Backward();
        }

        Parameter slopes = model.Parameters.Single(parameter => parameter.Name == "model.logarithmic.log_slopes");
        GradientCheck.Check(slopes.Name, backend, slopes.Value, backend.ReadDoubles(slopes.Gradient), () => Losses(batch).Sum() / batch.LabelCount);
        var row = new TokenBatch(batch.Tokens[..12], 1);
        Assert.That(model.LossesInChunks(row, 1), Is.EqualTo(Losses(row)).Within(1e-12));

        double[] Losses(TokenBatch tokens)
        {
            using var tape = new Tape(backend, isRecording: false);
            return backend.ReadDoubles(model.Losses(tape, tokens));
        }
    }

    [Test]
    public void ItsOptionsAreChecked()
    {
        ModelConfig config = TinyModels.Config(Name.Value) with { AttentionOptions = new Dictionary<string, double> { ["gian"] = 2 } };
        Assert.That(
            () => config.Validate("config.json"),
            Throws.TypeOf<BipeException>().With.Message.EqualTo("config.json: the key 'position.attention.gian' is not known to the encoding logarithmic; known are gain; did you mean gain?"));
        Assert.That(() => PositionEncodingRegistry.Add(LogarithmicPenalty.Kind), Throws.ArgumentException.With.Message.Contains("'logarithmic' exists already"));
    }
}

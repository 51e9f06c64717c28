using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Optimization;
using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Core.Tests.Model;

public sealed class ModelBiasTests
{
    private ReferenceBackend _backend = null!;

    [SetUp]
    public void SetUp() => _backend = new ReferenceBackend();

    [TearDown]
    public void TearDown() => _backend.Dispose();

    [TestCaseSource(typeof(TinyModels), nameof(TinyModels.Encodings))]
    public void BiasesOfZeroChangeNothing(string encoding)
    {
        using LanguageModel plain = TinyModels.Create(_backend, TinyModels.Config(encoding));
        using LanguageModel biased = LikeWithoutBiases(plain);
        Assert.That(Losses(biased), Is.EqualTo(Losses(plain)));
        foreach (Parameter bias in Biases(biased))
        {
            Set(bias, Enumerable.Repeat(0.25, (int)bias.Value.Count));
        }

        Assert.That(Losses(biased), Is.Not.EqualTo(Losses(plain)).Within(1e-3));
    }

    [Test]
    public void AValueBiasIsAnOutputBiasBehindTheOutputProjection([Values("rope", "bipe_alibi")] string encoding)
    {
        // The weights of attention add up to one, so a constant part of all values passes it as it is.
        using LanguageModel plain = TinyModels.Create(_backend, TinyModels.Config(encoding));
        using LanguageModel byValue = LikeWithoutBiases(plain);
        using LanguageModel byOutput = LikeWithoutBiases(plain);
        const string Layer = "model.layers.1.self_attn";
        Parameter packed = Find(byValue, $"{Layer}.qkv_proj.bias");
        ParameterPart values = packed.Parts.Single(part => part.Name == $"{Layer}.v_proj.bias");
        double[] bias = [.. Enumerable.Range(0, values.RowCount).Select(i => Math.Sin(i + 1))];
        Set(packed, [.. new double[values.FirstRow], .. bias]);

        int headDimension = plain.Config.HeadDimension;
        int heads = plain.Config.HeadCount;
        int sharing = heads / plain.Config.KeyValueHeadCount;
        double[] weight = _backend.ReadDoubles(Find(plain, $"{Layer}.o_proj.weight").Value);
        int hidden = plain.Config.HiddenSize;
        Set(Find(byOutput, $"{Layer}.o_proj.bias"), Enumerable.Range(0, hidden).Select(row => Enumerable.Range(0, heads * headDimension).Sum(
            column => weight[(row * hidden) + column] * bias[(column / headDimension / sharing * headDimension) + (column % headDimension)])));
        Assert.That(Losses(byValue), Is.EqualTo(Losses(byOutput)).Within(1e-12));
        Assert.That(Losses(byValue), Is.Not.EqualTo(Losses(plain)).Within(1e-3));
    }

    [Test]
    public void BiasesStartAtZeroAndDoNotDecay()
    {
        using var model = new LanguageModel(_backend, TinyModels.WithBiases("bipe_rope"));
        Initialiser.Initialise(model, 3);
        Assert.That(Biases(model).SelectMany(bias => _backend.ReadDoubles(bias.Value)), Has.All.Zero);

        double[][] without = AfterOneStep(0);
        double[][] with = AfterOneStep(0.5);
        Parameter[] parameters = [.. model.Parameters];
        for (int i = 0; i < parameters.Length; i++)
        {
            Assert.That(with[i].SequenceEqual(without[i]), Is.EqualTo(parameters[i].Role == ParameterRole.Bias), parameters[i].Name);
        }

        double[][] AfterOneStep(double decay)
        {
            using LanguageModel trained = TinyModels.Create(_backend, TinyModels.WithBiases("bipe_rope"));
            using var optimizer = new AdamW(_backend, trained.Parameters, new AdamWSettings { WeightDecay = decay });
            using var tape = new Tape(_backend, isRecording: true);
            trained.Losses(tape, TinyModels.Batch());
            tape.Backward();
            optimizer.GradientNorm();
            optimizer.Step(0.1);
            return [.. trained.Parameters.Select(parameter => _backend.ReadDoubles(parameter.Value))];
        }
    }

    private static IEnumerable<Parameter> Biases(LanguageModel model) => model.Parameters.Where(parameter => parameter.Role == ParameterRole.Bias);

    private static Parameter Find(LanguageModel model, string name) => model.Parameters.Single(parameter => parameter.Name == name);

    private void Set(Parameter parameter, IEnumerable<double> values) => _backend.WriteDoubles(parameter.Value, [.. values]);

    /// <summary>The same model with biases, which are zero.</summary>
    private LanguageModel LikeWithoutBiases(LanguageModel plain)
    {
        var biased = new LanguageModel(_backend, plain.Config with { AttentionBias = true, MlpBias = true });
        foreach (Parameter parameter in biased.Parameters)
        {
            if (parameter.Role == ParameterRole.Bias)
            {
                _backend.Fill(parameter.Value, 0);
            }
            else
            {
                _backend.Copy(parameter.Value, Find(plain, parameter.Name).Value);
            }
        }

        return biased;
    }

    private double[] Losses(LanguageModel model)
    {
        using var tape = new Tape(_backend, isRecording: false);
        return _backend.ReadDoubles(model.Losses(tape, TinyModels.Batch()));
    }
}

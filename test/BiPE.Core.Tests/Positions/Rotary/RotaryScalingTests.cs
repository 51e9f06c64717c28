using System.Text.Json;
using BiPE.Core.Autograd;
using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Core.Model;
using BiPE.Core.Positions;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Positions.Rotary;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;
using BiPE.Core.Tests.Golden;
using BiPE.Testing;

namespace BiPE.Core.Tests.Positions.Rotary;

public sealed class RotaryScalingTests
{
    private static readonly RotaryShape Shape = new(HeadDimension: 64, Base: 500000, MaximumPositions: 8192);

    [Test]
    public void YarnMeetsTheGoldenTables([Values] bool paper)
    {
        GoldenSet golden = GoldenSet.Open(whole: false);
        using SafetensorsFile arrays = golden.Arrays("yarn.safetensors");
        foreach (JsonElement item in golden.Json("yarn.json").GetProperty("cases").EnumerateArray())
        {
            string name = item.GetProperty("name").GetString()!;
            double factor = item.GetProperty("scale").GetDouble();
            int length = item.GetProperty("original_length").GetInt32();
            double amplitude = item.GetProperty("amplitude").GetDouble();
            var shape = new RotaryShape(item.GetProperty("head_dim").GetInt32(), item.GetProperty("base").GetDouble(), length);
            var config = new RotaryScalingConfig(paper ? RotaryScalings.NtkByParts : RotaryScalings.Yarn, factor)
            {
                AttentionFactor = paper ? amplitude : null,
            };

            RotaryFrequencies found = RotaryScalings.Create(config, length).Compute(shape, 77);
            Assert.That(found.Amplitude, Is.EqualTo(amplitude).Within(1e-15), name);
            Assert.That(found.Inverse, Is.EqualTo(Doubles(arrays, $"{name}.{(paper ? "paper_" : "")}inverse_frequency")).Within(1e-14), name);
            var positions = new long[arrays.Entries[$"{name}.positions"].Count];
            arrays.ReadIntegers($"{name}.positions", 0, positions);
            double[] cosine = [.. positions.SelectMany(p => found.Inverse.Select(f => found.Amplitude * Math.Cos(p * f)))];
            double[] sine = [.. positions.SelectMany(p => found.Inverse.Select(f => found.Amplitude * Math.Sin(p * f)))];
            Assert.That(cosine, Is.EqualTo(Doubles(arrays, $"{name}.{(paper ? "paper_" : "")}cos")).Within(1e-11), name);
            Assert.That(sine, Is.EqualTo(Doubles(arrays, $"{name}.{(paper ? "paper_" : "")}sin")).Within(1e-11), name);
        }
    }

    [Test]
    public void Llama3IsItsDefinitionByWavelengths()
    {
        var config = new RotaryScalingConfig("llama3", 8) { OriginalMaximumPositions = 8192, LowFrequencyFactor = 1, HighFrequencyFactor = 4 };
        RotaryFrequencies found = RotaryScalings.Create(config, 131072).Compute(Shape, 5);
        double[] plain = Shape.InverseFrequencies(Shape.Base);
        var kinds = new HashSet<string>();
        for (int i = 0; i < plain.Length; i++)
        {
            double wavelength = 2 * Math.PI / plain[i];
            double smooth = ((8192 / wavelength) - 1) / 3;
            (string kind, double expected) = wavelength switch
            {
                < 8192 / 4.0 => ("kept", plain[i]),
                > 8192 => ("divided", plain[i] / 8),
                _ => ("between", ((1 - smooth) * plain[i] / 8) + (smooth * plain[i])),
            };
            kinds.Add(kind);
            Assert.That(found.Inverse[i], Is.EqualTo(expected).Within(1e-15 * plain[i]), $"pair {i}");
        }

        Assert.That(kinds, Is.EquivalentTo(["kept", "divided", "between"]));
        Assert.That(found.Amplitude, Is.EqualTo(1));
    }

    [Test]
    public void YarnsOptionsCount()
    {
        var plain = new RotaryScalingConfig("yarn", 4) { OriginalMaximumPositions = 2048 };
        double recommended = (0.1 * Math.Log(4)) + 1;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Of(plain).Amplitude, Is.EqualTo(recommended));
            Assert.That(Of(plain with { AttentionFactor = 0.75 }).Amplitude, Is.EqualTo(0.75));
            Assert.That(Of(plain with { Mscale = 0.5 }).Amplitude, Is.EqualTo(recommended), "one mscale alone does not count");
            Assert.That(
                Of(plain with { Mscale = 0.5, MscaleAllDimensions = 2 }).Amplitude,
                Is.EqualTo(((0.05 * Math.Log(4)) + 1) / ((0.2 * Math.Log(4)) + 1)).Within(1e-15));
            Assert.That(Of(plain).Inverse, Is.Not.EqualTo(Of(plain with { OriginalMaximumPositions = 8192 }).Inverse));
            Assert.That(Of(plain).Inverse, Is.Not.EqualTo(Of(plain with { BetaFast = 16 }).Inverse));
            Assert.That(Of(plain).Inverse, Is.Not.EqualTo(Of(plain with { BetaSlow = 2 }).Inverse));
        }

        // Without whole ends the ramp is the straight line between the two indices themselves.
        double low = 64 * Math.Log(2048 / (32 * 2 * Math.PI)) / (2 * Math.Log(500000));
        double high = 64 * Math.Log(2048 / (2 * Math.PI)) / (2 * Math.Log(500000));
        double[] frequencies = Shape.InverseFrequencies(Shape.Base);
        double[] inverse = Of(plain with { Truncates = false }).Inverse;
        int middle = (int)((low + high) / 2);
        double ramp = (middle - low) / (high - low);
        Assert.That(inverse[middle], Is.EqualTo(frequencies[middle] * (1 - (0.75 * ramp))).Within(1e-15));
        Assert.That(inverse, Is.Not.EqualTo(Of(plain).Inverse));

        static RotaryFrequencies Of(RotaryScalingConfig config) => RotaryScalings.Create(config, 8192).Compute(Shape, 1);
    }

    [Test]
    public void PairsStayBetweenKeptAndDivided([Values("yarn", "llama3", "ntk-by-parts", "linear")] string type)
    {
        double[] plain = Shape.InverseFrequencies(Shape.Base);
        double[] scaled = RotaryScalings.Create(Config(type), 8192).Compute(Shape, 9000).Inverse;
        for (int i = 0; i < plain.Length; i++)
        {
            Assert.That(scaled[i], Is.InRange((plain[i] / 8) - 1e-18, plain[i] + 1e-18), $"pair {i}");
        }

        Assert.That(scaled[^1], Is.EqualTo(plain[^1] / 8).Within(1e-18), "the slowest pair is interpolated whole");
        Assert.That(scaled[0], Is.EqualTo(type == "linear" ? 1.0 / 8 : 1).Within(1e-15), "the fastest pair is kept, but for linear scaling");
    }

    [Test]
    public void TheTablesOfAModelHaveTheAmplitude()
    {
        using var backend = new ReferenceBackend();
        using var tape = new Tape(backend, isRecording: false);
        var shape = new RotaryShape(8, 10000, 16);
        IRotaryScaling scaling = RotaryScalings.Create(new RotaryScalingConfig("yarn", 4), 16);
        using var rope = new Rope(backend, PositionStream.Token, shape, scaling, logScale: null);
        var streams = new PositionStreams(new int[20], 1, 20, new SeparatorSegmenter([]));
        double[] sine = backend.ReadDoubles(rope.Build(tape, streams, new AttentionShape(1, 20, 1, 1, 8)).Rotary!.KeySine!);
        RotaryFrequencies frequencies = scaling.Compute(shape, 20);
        Assert.That(sine[(19 * 4) + 2], Is.EqualTo(((0.1 * Math.Log(4)) + 1) * Math.Sin(19 * frequencies.Inverse[2])).Within(1e-14));
    }

    [Test]
    public void FaultsAreNamed()
    {
        Refuses(Config("yarn") with { Factor = 1 }, "factor is 1");
        Refuses(Config("yarn") with { BetaFast = 1 }, "beta_slow is 1, expected a number below beta_fast = 1");
        Refuses(Config("yarn") with { AttentionFactor = double.NaN }, "attention_factor is NaN");
        Refuses(Config("linear") with { BetaFast = 2 }, "beta_fast is set, but linear has no such number; it belongs to yarn, ntk-by-parts");
        Refuses(Config("llama3") with { LowFrequencyFactor = null }, "'low_freq_factor' is missing, which llama3 needs");
        Refuses(Config("llama3") with { LowFrequencyFactor = 4 }, "low_freq_factor is 4, expected a number below high_freq_factor = 4");
        Refuses(new RotaryScalingConfig("ntk-by-part", 2), "did you mean ntk-by-parts?");

        static void Refuses(RotaryScalingConfig config, string sentence) =>
            Assert.That(() => RotaryScalings.Create(config, 64), Throws.TypeOf<BipeException>().With.Message.Contains(sentence));
    }

    private static RotaryScalingConfig Config(string type) =>
        new(type, 8) { LowFrequencyFactor = type == "llama3" ? 1 : null, HighFrequencyFactor = type == "llama3" ? 4 : null };

    private static double[] Doubles(SafetensorsFile arrays, string name)
    {
        var values = new double[arrays.Entries[name].Count];
        arrays.ReadDoubles(name, 0, values);
        return values;
    }
}

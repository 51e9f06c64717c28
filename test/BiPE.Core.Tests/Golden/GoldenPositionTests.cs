using System.Text.Json;
using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Core.Positions;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Positions.Segments;

namespace BiPE.Core.Tests.Golden;

/// <summary>Bilevel ids and slopes of the reference, exactly.</summary>
public sealed class GoldenPositionTests
{
    [TestCase(false)]
    [TestCase(true)]
    public void BilevelIds(bool whole)
    {
        GoldenSet golden = GoldenSet.Open(whole);
        using SafetensorsFile arrays = golden.Arrays("bilevel_ids.safetensors");
        var segmenter = new SeparatorSegmenter(SeparatorSegmenter.ReferenceSeparators);
        foreach (JsonElement item in golden.Json("bilevel_ids.json").GetProperty("cases").EnumerateArray())
        {
            string name = item.GetString()!;
            SafetensorsEntry entry = arrays.Entries[$"{name}.input_ids"];
            var streams = new PositionStreams(Integers(arrays, $"{name}.input_ids"), (int)entry.Shape[0], (int)entry.Shape[1], segmenter);
            Assert.That(streams[PositionStream.Segment].ToArray(), Is.EqualTo(Integers(arrays, $"{name}.inter_segment_ids")), name);
            int[] clipped = [.. streams[PositionStream.Offset].ToArray().Select(offset => Math.Min(offset, 1023))];
            Assert.That(clipped, Is.EqualTo(Integers(arrays, $"{name}.intra_segment_ids")), name);
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Slopes(bool whole)
    {
        JsonElement golden = GoldenSet.Open(whole).Json("alibi_slopes.json");
        foreach ((string variant, double factor) in new[] { ("alibi", 1.0), ("bipe_alibi", AlibiSlopes.BilevelFactor) })
        {
            foreach (JsonProperty heads in golden.GetProperty(variant).EnumerateObject())
            {
                double[] expected = [.. heads.Value.EnumerateArray().Select(slope => slope.GetDouble())];
                double[] found = [.. AlibiSlopes.Compute(int.Parse(heads.Name)).Select(slope => slope * factor)];
                Assert.That(found, Is.EqualTo(expected).Within(1e-14 * factor), $"{variant}, {heads.Name} heads");
            }
        }
    }

    private static int[] Integers(SafetensorsFile arrays, string name)
    {
        var values = new long[arrays.Entries[name].Count];
        arrays.ReadIntegers(name, 0, values);
        return [.. values.Select(value => (int)value)];
    }
}

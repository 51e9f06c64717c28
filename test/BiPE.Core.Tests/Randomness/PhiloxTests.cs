using System.Globalization;
using BiPE.Core.Randomness;
using MathNet.Numerics.Distributions;

namespace BiPE.Core.Tests.Randomness;

public sealed class PhiloxTests
{
    // Known answers published with the Random123 library: counter, key, result, each from the lowest word on.
    [TestCase("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8")]
    [TestCase("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd")]
    [TestCase("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1")]
    public void Gives_the_known_answers(string counter, string key, string expected)
    {
        uint[] c = Words(counter);
        uint[] k = Words(key);
        var block = new uint[4];
        Philox.Block(Join(k[0], k[1]), stream: Join(c[2], c[3]), index: Join(c[0], c[1]), block);
        Assert.That(block, Is.EqualTo(Words(expected)));

        static uint[] Words(string text) => [.. text.Split(' ').Select(word => uint.Parse(word, NumberStyles.HexNumber))];
        static ulong Join(uint low, uint high) => low | ((ulong)high << 32);
    }

    [Test]
    public void Streams_are_the_same_everywhere_and_differ_by_purpose_and_step()
    {
        Assert.That(Philox.Stream("blocks"), Is.EqualTo(5985962596191504316));
        ulong[] streams = [.. Enumerable.Range(0, 100).SelectMany(step => new[] { Philox.Stream("blocks", step), Philox.Stream("model.norm", step) })];
        Assert.That(streams, Is.Unique);
    }

    [Test]
    public void A_source_continues_from_a_saved_position()
    {
        var source = new PhiloxRandomSource(7, Philox.Stream("test"));
        for (int i = 0; i < 1001; i++)
        {
            source.NextUInt32();
        }

        var resumed = new PhiloxRandomSource(7, Philox.Stream("test"), source.Position);
        double[] expected = [.. Enumerable.Range(0, 50).Select(_ => source.NextDouble())];
        Assert.That(Enumerable.Range(0, 50).Select(_ => resumed.NextDouble()), Is.EqualTo(expected));
        resumed.Position = 1001;
        Assert.That(resumed.NextDouble(), Is.EqualTo(expected[0]));
    }

    [Test]
    public void Numbers_of_every_kind_are_uniform_and_in_range()
    {
        var source = new PhiloxRandomSource(11, Philox.Stream("test"));
        const int Count = 100_000;
        double[] unit = source.NextDoubles(Count);
        int[] dice = source.NextInt32s(Count, 1, 7);
        var bytes = new byte[Count + 3];
        source.NextBytes(bytes);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(unit.Average(), Is.EqualTo(0.5).Within(0.005));
            Assert.That(unit, Has.All.InRange(0, 1 - double.Epsilon));
            Assert.That(ChiSquared(dice.Select(value => value - 1), 6), Is.GreaterThan(1e-4));
            Assert.That(ChiSquared(bytes.Select(value => (int)value), 256), Is.GreaterThan(1e-4));
            Assert.That(ChiSquared(Enumerable.Range(0, Count).Select(_ => source.Next(10)), 10), Is.GreaterThan(1e-4));
            Assert.That(Enumerable.Range(0, 1000).Select(_ => source.NextInt64(1L << 40)), Has.All.InRange(0L, (1L << 40) - 1));
        }
    }

    [Test]
    public void Normal_numbers_have_the_distribution()
    {
        var values = new float[200_001];
        NormalSampler.Fill(values, 0.02, 42, "model.embed_tokens.weight");
        double[] standard = [.. values.Select(value => value / 0.02)];
        Array.Sort(standard);
        double largest = 0;
        for (int i = 0; i < standard.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(Normal.CDF(0, 1, standard[i]) - ((i + 0.5) / standard.Length)));
        }

        // Kolmogorov and Smirnov: a distance over 1.95 / sqrt(n) has a probability of 0.001.
        Assert.That(largest, Is.LessThan(1.95 / Math.Sqrt(standard.Length)));
        Assert.That(standard.Average(value => value * value), Is.EqualTo(1).Within(0.02));
    }

    [Test]
    public void Normal_numbers_depend_on_the_seed_and_the_name_alone()
    {
        float[] a = Fill(1, "a");
        Assert.That(Fill(1, "b"), Is.Not.EqualTo(a));
        Assert.That(Fill(2, "a"), Is.Not.EqualTo(a));
        Assert.That(Fill(1, "a"), Is.EqualTo(a));
        var zeros = new float[3];
        NormalSampler.Fill(zeros, 0, 1, "a");
        Assert.That(zeros, Is.All.Zero);
        Assert.That(() => NormalSampler.Fill(new float[3], -1, 1, "a"), Throws.InstanceOf<ArgumentException>());

        static float[] Fill(ulong seed, string name)
        {
            var values = new float[5000];
            NormalSampler.Fill(values, 1, seed, name);
            return values;
        }
    }

    private static double ChiSquared(IEnumerable<int> values, int kinds)
    {
        var counts = new double[kinds];
        int total = 0;
        foreach (int value in values)
        {
            counts[value]++;
            total++;
        }

        double expected = (double)total / kinds;
        return 1 - MathNet.Numerics.Distributions.ChiSquared.CDF(kinds - 1, counts.Sum(count => (count - expected) * (count - expected) / expected));
    }
}

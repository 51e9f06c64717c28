using MathNet.Numerics.Distributions;

namespace BiPE.Core.Randomness;

/// <summary>
/// Fills tensors with normally distributed numbers (Math.NET's <see cref="Normal"/>). Every tensor has a stream of its own, keyed
/// by the seed and its name, so the values do not depend on which other tensors there are or on their order.
/// </summary>
public static class NormalSampler
{
    private const int ChunkLength = 4096;

    /// <summary>Fills <paramref name="destination"/> with normal(0, <paramref name="sigma"/>), rounded to float32.</summary>
    /// <param name="destination">The tensor's elements.</param>
    /// <param name="sigma">Standard deviation; 0 gives zeros.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="ArgumentException"><paramref name="sigma"/> is negative or not a number.</exception>
    public static void Fill(Span<float> destination, double sigma, ulong seed, string name)
    {
        var source = new PhiloxRandomSource(seed, Philox.Stream(name));
        var chunk = new double[Math.Min(ChunkLength, destination.Length)];
        for (int done = 0; done < destination.Length; done += chunk.Length)
        {
            Normal.Samples(source, chunk, 0, sigma);
            var target = destination[done..Math.Min(done + chunk.Length, destination.Length)];
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = (float)chunk[i];
            }
        }
    }
}

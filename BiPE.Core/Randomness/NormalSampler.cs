using MathNet.Numerics.Distributions;

namespace BiPE.Core.Randomness;

/// <summary>
/// Normally distributed numbers (Math.NET's <see cref="Normal"/>) for a tensor. Every tensor has a stream of its own, keyed
/// by the seed and its name, so the values do not depend on which other tensors there are or on their order, nor on the pieces
/// that they are drawn in.
/// </summary>
public sealed class NormalSampler
{
    private const int ChunkLength = 4096;

    private readonly PhiloxRandomSource _source;
    private readonly double _sigma;
    private readonly double[] _chunk = new double[ChunkLength];
    private int _drawn = ChunkLength;

    /// <summary>Starts at the tensor's first number.</summary>
    /// <param name="sigma">Standard deviation; 0 gives zeros.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="ArgumentException"><paramref name="sigma"/> is negative or not a number.</exception>
    public NormalSampler(double sigma, ulong seed, string name)
    {
        _ = new Normal(0, sigma);
        _source = new PhiloxRandomSource(seed, Philox.Stream(name));
        _sigma = sigma;
    }

    /// <summary>Fills <paramref name="destination"/> with the first of a tensor's numbers.</summary>
    /// <param name="destination">The tensor's elements.</param>
    /// <param name="sigma">Standard deviation; 0 gives zeros.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="ArgumentException"><paramref name="sigma"/> is negative or not a number.</exception>
    public static void Fill(Span<float> destination, double sigma, ulong seed, string name) => new NormalSampler(sigma, seed, name).Next(destination);

    /// <summary>Fills <paramref name="destination"/> with the next numbers of normal(0, sigma), rounded to float32.</summary>
    /// <param name="destination">The tensor's next elements.</param>
    public void Next(Span<float> destination)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            if (_drawn == ChunkLength)
            {
                Normal.Samples(_source, _chunk, 0, _sigma);
                _drawn = 0;
            }

            destination[i] = (float)_chunk[_drawn++];
        }
    }
}

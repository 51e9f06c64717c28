using BiPE.Core.Positions.Rotary;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Attention;

/// <summary>Tables of cosines and sines on a backend, computed in float64 and grown to the largest position asked for.</summary>
internal sealed class RotaryTableCache(ITensorBackend backend) : IDisposable
{
    private RotaryFrequencies? _frequencies;
    private Tensor? _cosine;
    private Tensor? _sine;
    private int _rows;

    /// <summary>Tables with at least the given rows; the ones given before are released if they are replaced.</summary>
    /// <param name="frequencies">Angles and amplitude.</param>
    /// <param name="rows">Positions needed.</param>
    /// <param name="factor">Further factor by position and pair, or null; always the same of one cache.</param>
    /// <exception cref="BipeException">The tables would be larger than an array can be.</exception>
    public (Tensor Cosine, Tensor Sine) Get(RotaryFrequencies frequencies, int rows, Func<int, int, double>? factor)
    {
        bool same = _frequencies is not null && _frequencies.Amplitude == frequencies.Amplitude
            && _frequencies.Inverse.AsSpan().SequenceEqual(frequencies.Inverse);
        if (same && rows <= _rows)
        {
            return (_cosine!, _sine!);
        }

        int half = frequencies.Inverse.Length;
        int count = PositionTableSize.Of(PositionTableSize.RowsFor(rows), half);
        Dispose();
        _frequencies = frequencies;
        _rows = count / half;
        var cosine = new double[count];
        var sine = new double[count];
        for (int position = 0; position < _rows; position++)
        {
            for (int i = 0; i < half; i++)
            {
                double amplitude = frequencies.Amplitude * (factor?.Invoke(position, i) ?? 1);
                (double s, double c) = Math.SinCos(position * frequencies.Inverse[i]);
                cosine[(position * half) + i] = amplitude * c;
                sine[(position * half) + i] = amplitude * s;
            }
        }

        _cosine = backend.Allocate(new Shape(_rows, half), backend.Info.StatisticsType);
        _sine = backend.Allocate(new Shape(_rows, half), backend.Info.StatisticsType);
        backend.WriteDoubles(_cosine, cosine);
        backend.WriteDoubles(_sine, sine);
        return (_cosine, _sine);
    }

    public void Dispose()
    {
        if (_cosine is not null)
        {
            backend.Release(_cosine);
            backend.Release(_sine!);
            _cosine = null;
        }
    }
}

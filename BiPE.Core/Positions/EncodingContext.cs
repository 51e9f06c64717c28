using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions;

/// <summary>What an encoding is made from: the model's configuration, the stream it reads, and its own options.</summary>
/// <param name="Backend">Where tables and parameters live.</param>
/// <param name="Config">The model's configuration.</param>
/// <param name="Over">Stream that is read.</param>
/// <param name="Kind">The encoding's description, whose options have defaults.</param>
/// <param name="Given">Options that the configuration gives, checked; null for none.</param>
public sealed record EncodingContext(
    ITensorBackend Backend, ModelConfig Config, PositionStream Over, PositionEncodingKind Kind, IReadOnlyDictionary<string, double>? Given)
{
    /// <summary>Value of an option that has a default of its own.</summary>
    /// <param name="option">Its name.</param>
    public double Number(string option) => NumberOr(option, Kind.Options.Single(known => known.Name == option).Default!.Value);

    /// <summary>Value of an option whose default follows from the model.</summary>
    /// <param name="option">Its name.</param>
    /// <param name="fallback">The default.</param>
    public double NumberOr(string option, double fallback) => Given is not null && Given.TryGetValue(option, out double value) ? value : fallback;

    /// <summary>As <see cref="Number"/>, of a whole number.</summary>
    /// <param name="option">Its name.</param>
    public int Integer(string option) => (int)Number(option);

    /// <summary>As <see cref="NumberOr"/>, of a whole number.</summary>
    /// <param name="option">Its name.</param>
    /// <param name="fallback">The default.</param>
    public int IntegerOr(string option, int fallback) => (int)NumberOr(option, fallback);
}

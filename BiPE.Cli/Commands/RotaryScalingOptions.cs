using System.CommandLine;
using BiPE.Cli.Console;
using BiPE.Core;
using BiPE.Core.Model;

namespace BiPE.Cli.Commands;

/// <summary>The options that scale a model's rotary encoding otherwise than its configuration says: <c>--rope-scaling</c> and its numbers.</summary>
internal sealed class RotaryScalingOptions
{
    private readonly Option<string?> _method = new("--rope-scaling")
    {
        Description = $"Scale the rotary encoding by this method, whatever the model's configuration says: {string.Join(", ", RotaryScalingOverride.Methods)}.",
        HelpName = "METHOD",
    };

    private readonly Option<double?> _factor = CommonOptions.Number(
        "--rope-factor", "How many times longer --rope-scaling makes the context, above 1.");

    private readonly Option<long?> _original = CommonOptions.Integer(
        "--rope-original",
        "Length the model was trained for, in tokens; in segments for a bilevel model, but for dynamic. [default: max_position_embeddings before any scaling]",
        1, int.MaxValue);

    private readonly Option<double?> _amplitude = CommonOptions.Number(
        "--rope-attention-factor", "Factor of cosines and sines, for yarn and ntk-by-parts. [default: yarn 0.1 ln(factor) + 1, ntk-by-parts 1]");

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    public RotaryScalingOptions(Command command)
    {
        All = [_method, _factor, _original, _amplitude];
        foreach (Option option in All)
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetResult(_method) is not null)
            {
                return;
            }

            foreach (Option option in All.Where(option => result.GetResult(option) is not null))
            {
                result.AddError($"Option '{option.Name}' needs '--rope-scaling'");
            }
        });
    }

    /// <summary>The options themselves.</summary>
    public IReadOnlyList<Option> All { get; }

    /// <summary>What was given, or null for the model as it is.</summary>
    /// <param name="parsed">Values of the options.</param>
    public RotaryScalingOverride? Override(ParseResult parsed) => parsed.GetValue(_method) is { } method
        ? new RotaryScalingOverride(method, parsed.GetValue(_factor))
        {
            OriginalLength = (int?)parsed.GetValue(_original),
            AttentionFactor = parsed.GetValue(_amplitude),
        }
        : null;

    /// <summary>A model's configuration with what was given.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="folder">The model's folder, for messages.</param>
    /// <exception cref="BipeException">What was given does not fit itself or the model.</exception>
    public ModelConfig Apply(ParseResult parsed, ModelConfig config, string folder)
    {
        if (Override(parsed) is not { } scaling)
        {
            return config;
        }

        ModelConfig scaled = scaling.ApplyTo(config, $"The model '{folder}'");
        bool isGuessed = config.IsBilevel && scaling.OriginalLength is null && config.RotaryScaling is null;
        if (isGuessed && scaled.RotaryScaling?.OriginalMaximumPositions is { } original)
        {
            Terminal.Note(
                $"'{folder}' counts segments, and max_position_embeddings is taken for its original length: {Quantity.Whole(original)} segments. "
                + "Name what it was trained for with --rope-original.");
        }

        return scaled;
    }
}

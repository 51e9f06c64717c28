using System.CommandLine;
using BiPE.Core.Model;

namespace BiPE.Cli.Commands;

/// <summary><c>--recompute [WHAT]</c>: what training computes again in the backward pass.</summary>
internal static class RecomputeOption
{
    private const string FeedForward = "feed-forward";
    private const string Layers = "layers";

    /// <summary>Makes the option; without a value it means layers.</summary>
    /// <param name="description">What it does.</param>
    public static Option<string?> Create(string description)
    {
        var option = new Option<string?>("--recompute") { Description = description, Arity = ArgumentArity.ZeroOrOne };
        option.AcceptOnlyFromAmong("none", FeedForward, Layers);
        return option;
    }

    /// <summary>The choice; null if the option is not given.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="option">The option.</param>
    public static Recompute? Of(ParseResult parsed, Option<string?> option) =>
        parsed.GetResult(option) is not { Implicit: false } ? null
        : parsed.GetValue(option) switch
        {
            "none" => Recompute.None,
            FeedForward => Recompute.FeedForward,
            _ => Recompute.Layers,
        };
}

using System.Text.RegularExpressions;

namespace BiPE.Cuda.Tests.Kernels;

/// <summary>
/// Finds branches of compiled kernels that are marked as the same for all lanes of a warp, though what decides them comes from a
/// lane's number; on a device, their results are undefined. The compiler of kernels marks some wrongly. Followed are values, from
/// instruction to instruction, not which instructions lanes come by.
/// </summary>
internal static partial class DivergentBranches
{
    /// <summary>The branches found, as they are written.</summary>
    /// <param name="assembly">A kernel's PTX.</param>
    public static IReadOnlyList<string> In(string assembly)
    {
        if (!UniformBranch().IsMatch(assembly))
        {
            return [];
        }

        // What lanes exchange until all have all of it is the same in the end, which is when it is used.
        HashSet<string> exchanged = [.. Exchange().Matches(assembly).SelectMany(exchange => Register().Matches(exchange.Value)).Select(register => register.Value)];
        Line[] lines =
        [
            .. assembly.Split('\n').Select(line => line.Trim().TrimEnd(';')).SkipWhile(line => line != "{")
                .Select(line => Line.Parse(line, exchanged)).OfType<Line>(),
        ];
        var arriving = new Dictionary<string, HashSet<string>>();
        HashSet<string> At(string label) => arriving.TryGetValue(label, out HashSet<string>? known) ? known : arriving[label] = [];
        var found = new HashSet<string>();
        bool changes = true;
        while (changes)
        {
            changes = false;
            bool isReached = true;
            HashSet<string> divergent = [];
            foreach (Line line in lines)
            {
                switch (line)
                {
                    case Place place:
                        HashSet<string> here = At(place.Label);
                        changes |= isReached && Add(here, divergent);
                        (divergent, isReached) = ([.. here], true);
                        break;
                    case Jump jump:
                        changes |= Add(At(jump.Label), divergent);
                        isReached = jump.Condition is not null;
                        if (jump.IsUniform && jump.Condition is not null && divergent.Contains(jump.Condition))
                        {
                            found.Add(jump.Text);
                        }

                        break;
                    case Step step when step.IsDivergent || step.Read.Any(divergent.Contains):
                        divergent.UnionWith(step.Written);
                        break;
                    case Step step:
                        divergent.ExceptWith(step.Written);
                        break;
                }
            }
        }

        return [.. found];
    }

    private static bool Add(HashSet<string> to, HashSet<string> from)
    {
        int before = to.Count;
        to.UnionWith(from);
        return to.Count > before;
    }

    [GeneratedRegex(@"@!?%p\d+\s+bra\.uni")]
    private static partial Regex UniformBranch();

    [GeneratedRegex(@"^(@!?(?<condition>%p\d+)\s+)?bra(?<uniform>\.uni)?\s+(?<label>\S+)$")]
    private static partial Regex Branch();

    [GeneratedRegex(@"^(?!st\.|bar\.|red\.|\.)(?<operation>[a-z][\w.:]*)\s+(?<destination>\{[^}]*\}|[^,]+),\s*(?<sources>.*)$")]
    private static partial Regex Instruction();

    [GeneratedRegex(@"shfl\.sync\.bfly\.b32\s+%\w+, %\w+")]
    private static partial Regex Exchange();

    [GeneratedRegex(@"%[a-z]+\d+")]
    private static partial Regex Register();

    private abstract record Line
    {
        /// <summary>Reads a line; null if nothing in it decides about lanes.</summary>
        /// <param name="text">The line.</param>
        /// <param name="exchanged">Registers that are the same in all lanes when they are used.</param>
        public static Line? Parse(string text, HashSet<string> exchanged)
        {
            if (text.EndsWith(':'))
            {
                return new Place(text[..^1]);
            }

            if (Branch().Match(text) is { Success: true } branch)
            {
                Group condition = branch.Groups["condition"];
                return new Jump(text, branch.Groups["label"].Value, condition.Success ? condition.Value : null, branch.Groups["uniform"].Success);
            }

            return Instruction().Match(text) is { Success: true } instruction ? Step.Of(instruction, exchanged) : null;
        }
    }

    private sealed record Place(string Label) : Line;

    private sealed record Jump(string Text, string Label, string? Condition, bool IsUniform) : Line;

    /// <summary>An instruction: what it writes differs between lanes if it does so by itself or if something that it reads does.</summary>
    private sealed record Step(string[] Read, string[] Written, bool IsDivergent) : Line
    {
        public static Step Of(Match instruction, HashSet<string> exchanged)
        {
            string operation = instruction.Groups["operation"].Value;
            string sources = instruction.Groups["sources"].Value;
            bool differs = sources.Contains("%tid", StringComparison.Ordinal) || sources.Contains("%laneid", StringComparison.Ordinal)
                || operation.StartsWith("atom", StringComparison.Ordinal);

            // A warp's number is the same in the warp.
            bool isWarp = operation == "div.u32" && sources.EndsWith(", 32", StringComparison.Ordinal);
            string[] written = [.. Registers(instruction.Groups["destination"].Value).Except(exchanged)];
            return isWarp ? new Step([], written, false) : new Step([.. Registers(sources).Except(exchanged)], written, differs);
        }

        private static IEnumerable<string> Registers(string text) => Register().Matches(text).Select(register => register.Value);
    }
}

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
        string[] lines = [.. assembly.Split('\n').Select(line => line.Trim().TrimEnd(';')).SkipWhile(line => line != "{")];
        var arriving = new Dictionary<string, HashSet<string>>();
        HashSet<string> At(string label) => arriving.TryGetValue(label, out HashSet<string>? known) ? known : arriving[label] = [];
        var found = new HashSet<string>();
        bool changes = true;
        while (changes)
        {
            changes = false;
            bool isReached = true;
            HashSet<string> divergent = [];
            foreach (string line in lines)
            {
                if (line.EndsWith(':'))
                {
                    HashSet<string> here = At(line[..^1]);
                    changes |= isReached && Add(here, divergent);
                    (divergent, isReached) = ([.. here], true);
                }
                else if (Branch().Match(line) is { Success: true } branch)
                {
                    changes |= Add(At(branch.Groups["label"].Value), divergent);
                    isReached = branch.Groups["condition"].Success;
                    if (branch.Groups["uniform"].Success && divergent.Contains(branch.Groups["condition"].Value))
                    {
                        found.Add(line);
                    }
                }
                else if (Instruction().Match(line) is { Success: true } instruction)
                {
                    Follow(instruction, divergent);
                    divergent.ExceptWith(exchanged);
                }
            }
        }

        return [.. found];
    }

    /// <summary>One instruction: whether what it writes differs between lanes.</summary>
    private static void Follow(Match instruction, HashSet<string> divergent)
    {
        string operation = instruction.Groups["operation"].Value;
        string sources = instruction.Groups["sources"].Value;
        string[] read = [.. Register().Matches(sources).Select(register => register.Value)];
        bool differs = sources.Contains("%tid", StringComparison.Ordinal) || sources.Contains("%laneid", StringComparison.Ordinal)
            || operation.StartsWith("atom", StringComparison.Ordinal) || read.Any(divergent.Contains);

        // A warp's number is the same in the warp.
        bool isWarp = operation == "div.u32" && sources.EndsWith(", 32", StringComparison.Ordinal);
        foreach (string written in Register().Matches(instruction.Groups["destination"].Value).Select(register => register.Value))
        {
            _ = differs && !isWarp ? divergent.Add(written) : divergent.Remove(written);
        }
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
}

namespace BiPE.Testing.Ptx;

/// <summary>
/// Where lanes that branched apart go on together: at the first instruction that all ways from the branch to the program's end lead
/// through, its immediate post-dominator, found by the iteration of Cooper, Harvey and Kennedy ("A Simple, Fast Dominance Algorithm").
/// </summary>
internal static class PtxJoins
{
    /// <summary>Sets the join of every branch; where lanes meet again nowhere, it is behind the last instruction.</summary>
    /// <param name="instructions">A program whose branches have targets.</param>
    public static void Find(IReadOnlyList<PtxInstruction> instructions)
    {
        int end = instructions.Count;
        int[] order = OrderFromEnd(instructions, out int[] ranks);
        int[] joins = new int[end + 1];
        joins.AsSpan().Fill(-1);
        joins[end] = end;
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (int at in order)
            {
                int join = -1;
                foreach (int next in Next(instructions, at))
                {
                    if (joins[next] >= 0)
                    {
                        join = join < 0 ? next : Meet(join, next, joins, ranks);
                    }
                }

                if (join != joins[at])
                {
                    joins[at] = join;
                    changed = true;
                }
            }
        }

        for (int at = 0; at < end; at++)
        {
            instructions[at].Join = joins[at] < 0 ? end : joins[at];
        }
    }

    private static int Meet(int a, int b, int[] joins, int[] ranks)
    {
        while (a != b)
        {
            if (ranks[a] > ranks[b])
            {
                a = joins[a];
            }
            else
            {
                b = joins[b];
            }
        }

        return a;
    }

    /// <summary>What may come after an instruction.</summary>
    private static IEnumerable<int> Next(IReadOnlyList<PtxInstruction> instructions, int at)
    {
        PtxInstruction instruction = instructions[at];
        if (instruction.Operation is PtxOperation.Branch)
        {
            yield return instruction.Target;
        }
        else if (instruction.Operation is PtxOperation.Return)
        {
            yield return instructions.Count;
        }

        if (instruction.Operation is not (PtxOperation.Branch or PtxOperation.Return) || instruction.Guard >= 0)
        {
            yield return at + 1;
        }
    }

    /// <summary>Instructions such that, against the direction of the program, each comes after one that it leads to; and their ranks.</summary>
    private static int[] OrderFromEnd(IReadOnlyList<PtxInstruction> instructions, out int[] ranks)
    {
        int end = instructions.Count;
        ILookup<int, int> before = Enumerable.Range(0, end)
            .SelectMany(at => Next(instructions, at).Select(next => (at, next)))
            .ToLookup(edge => edge.next, edge => edge.at);
        var finished = new List<int>();
        bool[] seen = new bool[end + 1];
        var open = new Stack<IEnumerator<int>>();
        var path = new Stack<int>();
        Enter(end);
        while (open.TryPeek(out IEnumerator<int>? rest))
        {
            if (!rest.MoveNext())
            {
                _ = open.Pop();
                finished.Add(path.Pop());
            }
            else if (!seen[rest.Current])
            {
                Enter(rest.Current);
            }
        }

        finished.Reverse();
        ranks = new int[end + 1];
        for (int i = 0; i < finished.Count; i++)
        {
            ranks[finished[i]] = i;
        }

        return [.. finished.Skip(1)];

        void Enter(int at)
        {
            seen[at] = true;
            path.Push(at);
            open.Push(before[at].GetEnumerator());
        }
    }
}

namespace BiPE.Core.Model;

/// <summary>Rows of head size in another order: from <c>[batch, time, heads]</c> to <c>[batch, heads, time]</c>, or back.</summary>
/// <param name="Rows">Which row of the one order each row of the other is.</param>
/// <param name="Places">Which row of the other order each row of the one becomes.</param>
internal sealed record HeadOrder(int[] Rows, int[] Places)
{
    /// <summary>The order with heads before time; several kinds of heads that are packed beside each other come one kind after the other.</summary>
    public static HeadOrder Of(int batch, int time, params ReadOnlySpan<int> kinds)
    {
        int packed = 0;
        foreach (int heads in kinds)
        {
            packed += heads;
        }

        var rows = new int[batch * time * packed];
        var places = new int[rows.Length];
        int place = 0;
        int first = 0;
        foreach (int heads in kinds)
        {
            for (int group = 0; group < batch * heads; group++)
            {
                for (int t = 0; t < time; t++, place++)
                {
                    int row = (((group / heads * time) + t) * packed) + first + (group % heads);
                    rows[place] = row;
                    places[row] = place;
                }
            }

            first += heads;
        }

        return new HeadOrder(rows, places);
    }

    /// <summary>The way back.</summary>
    public HeadOrder Inverted() => new(Places, Rows);
}

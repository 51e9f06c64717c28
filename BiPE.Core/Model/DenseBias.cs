using BiPE.Core.Autograd;
using BiPE.Core.Tensors;

namespace BiPE.Core.Model;

/// <summary>A bias that fused attention looks up, as a whole tensor of the scores' shape.</summary>
internal static class DenseBias
{
    /// <summary>Makes it; gradients flow to the bias's table.</summary>
    /// <param name="tape">Runs the operations.</param>
    /// <param name="bias">The bias, with positions of all keys.</param>
    /// <param name="headCount">Query heads.</param>
    /// <param name="queryCount">Queries a row: those of the last keys.</param>
    /// <returns><c>[batch * heads, queries, keys]</c>; what a query must not see, later keys and those of other documents, has some element of
    /// the table.</returns>
    public static Variable Of(Tape tape, AttentionBiasVariable bias, int headCount, int queryCount)
    {
        int batch = bias.Positions.Shape[0];
        int keys = bias.Positions.Shape[1];
        int[] positions = tape.Backend.ReadIntegers(bias.Positions);
        int perHead = checked((int)(bias.Table.Value.Count / headCount));
        var shape = new Shape(batch * headCount, queryCount, keys);
        var ids = new int[checked((int)shape.Count)];
        var distances = new float[bias.Kind == AttentionBiasKind.PerKey ? ids.Length : 0];
        int at = 0;
        for (int group = 0; group < batch * headCount; group++)
        {
            ReadOnlySpan<int> row = positions.AsSpan(group / headCount * keys, keys);
            for (int query = keys - queryCount; query < keys; query++)
            {
                for (int key = 0; key < keys; key++, at++)
                {
                    // Positions start anew with a document, so a key of another one may have the larger position.
                    int visible = row[Math.Min(key, query)];
                    int distance = Math.Max(row[query] - visible, 0);
                    ids[at] = (group % headCount * perHead) + bias.Kind switch
                    {
                        AttentionBiasKind.PerKey => 0,
                        AttentionBiasKind.PerDistance => distance,
                        _ => (row[query] * bias.Table.Shape.Last) + visible,
                    };
                    if (distances.Length > 0)
                    {
                        distances[at] = -distance;
                    }
                }
            }
        }

        Tensor elements = tape.Scope.Allocate(new Shape(ids.Length), ElementType.Int32);
        tape.Backend.Upload<int>(elements, ids);
        Variable gathered = tape.GatherElements(bias.Table, elements, shape);
        if (distances.Length == 0)
        {
            return gathered;
        }

        Tensor factors = tape.Scope.Allocate(shape, bias.Table.Value.Type);
        tape.Backend.WriteFloats(factors, distances);
        return tape.Multiply(gathered, Tape.Constant(factors));
    }
}

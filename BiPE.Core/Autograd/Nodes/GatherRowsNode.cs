using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

public sealed partial class Tape
{
    /// <summary>Rows of a table, an embedding.</summary>
    /// <param name="table"><c>[V, C]</c>.</param>
    /// <param name="ids">Int32, N rows of the table.</param>
    /// <param name="paddingRow">Row that gets no gradient, or -1.</param>
    /// <returns><c>[N, C]</c>, of the activations' type where the table is of that of frozen matrices, else of the table's.</returns>
    public Variable GatherRows(Variable table, Tensor ids, int paddingRow = -1)
    {
        ArgumentNullException.ThrowIfNull(ids);
        Use(table);
        ElementType type = table.Value.Type == Backend.Info.FrozenType ? Backend.Info.ActivationType : table.Value.Type;
        Tensor value = Scope.Allocate(new Shape(checked((int)ids.Count), table.Shape[1]), type);
        Backend.GatherRows(value, table.Value, ids);
        return Record(value, table.RequiresGradient, output => new GatherRowsNode(output, table, ids, paddingRow, addend: null));
    }

    /// <summary>Adds rows of a table to a variable, taking over its memory: nothing else may read it.</summary>
    /// <param name="addend"><c>[N, C]</c>.</param>
    /// <param name="table"><c>[V, C]</c>.</param>
    /// <param name="ids">Int32, N rows of the table.</param>
    /// <param name="paddingRow">Row that gets no gradient, or -1.</param>
    /// <returns><c>[N, C]</c>.</returns>
    public Variable AddRowsInPlace(Variable addend, Variable table, Tensor ids, int paddingRow = -1)
    {
        ArgumentNullException.ThrowIfNull(addend);
        TakeOver(addend);
        Use(table);
        Backend.GatherRows(addend.Value, table.Value, ids, WriteMode.Accumulate);
        return Record(
            addend.Value, table.RequiresGradient || addend.RequiresGradient,
            output => new GatherRowsNode(output, table, ids, paddingRow, addend));
    }

    private sealed class GatherRowsNode(Variable output, Variable table, Tensor ids, int paddingRow, Variable? addend) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            if (table.RequiresGradient)
            {
                Tensor destination = gradients.Open(table, out WriteMode mode);
                backend.ScatterAddRows(destination, gradients.OfOutput, ids, paddingRow, mode);
            }

            if (addend is not null)
            {
                gradients.Give(addend, gradients.OfOutput);
            }
        }
    }
}

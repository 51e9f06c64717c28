using BiPE.Core.Autograd;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Attention;

/// <summary>Numbers that a formula of positions gives, as operands for operations on learned ones.</summary>
public static class ConstantTables
{
    /// <summary>A table <c>[rows, columns]</c> of the statistics type that lives as long as the tape's scope.</summary>
    /// <param name="tape">Allocates it.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="element">Computes an element of its row and column, in float64.</param>
    /// <exception cref="BipeException">The table would be larger than an array can be.</exception>
    public static Variable ConstantTable(this Tape tape, int rows, int columns, Func<int, int, double> element)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ArgumentNullException.ThrowIfNull(element);
        var values = new double[PositionTableSize.Of(rows, columns)];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                values[(row * columns) + column] = element(row, column);
            }
        }

        Tensor tensor = tape.Scope.Allocate(new Shape(rows, columns), tape.Backend.Info.StatisticsType);
        tape.Backend.WriteDoubles(tensor, values);
        return Tape.Constant(tensor);
    }
}

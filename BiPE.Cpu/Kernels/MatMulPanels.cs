namespace BiPE.Cpu.Kernels;

/// <summary>
/// Panels of the second factor of a product: <c>[inner, width]</c> each, side by side columns of a matrix. The product may read a
/// range of the columns that begins and ends inside of panels.
/// </summary>
internal unsafe struct MatMulPanels
{
    /// <summary>The first panel that the product reads.</summary>
    public float* Start;

    /// <summary>Elements from a panel to the next.</summary>
    public nint Stride;

    /// <summary>Columns of a panel; the last one may have fewer.</summary>
    public nint PanelColumns;

    /// <summary>Columns of the matrix from the first panel on.</summary>
    public nint MatrixColumns;

    /// <summary>First inner index that the product reads.</summary>
    public nint FirstInner;

    /// <summary>Columns of the first panel that the product leaves out.</summary>
    public nint FirstColumn;

    /// <summary>Columns that the product reads.</summary>
    public nint ColumnCount;

    /// <summary>Panels that the product reads.</summary>
    public readonly nint Count => (FirstColumn + ColumnCount + PanelColumns - 1) / PanelColumns;

    /// <summary>Columns of a panel.</summary>
    /// <param name="index">Which panel.</param>
    public readonly nint WidthOf(nint index) => Math.Min(PanelColumns, MatrixColumns - (index * PanelColumns));

    /// <summary>Where a panel begins, at the first inner index.</summary>
    /// <param name="index">Which panel.</param>
    public readonly float* At(nint index) => Start + (index * Stride) + (FirstInner * WidthOf(index));

    /// <summary>The product's columns in a panel: the first of them, the panel's columns before it, and how many.</summary>
    /// <param name="index">Which panel.</param>
    public readonly (nint Column, nint Skipped, nint Columns) ColumnsOf(nint index)
    {
        nint start = (index * PanelColumns) - FirstColumn;
        nint column = Math.Max(start, 0);
        return (column, column - start, Math.Min(start + WidthOf(index), ColumnCount) - column);
    }
}

namespace BiPE.Cpu.Kernels;

/// <summary>
/// Panels of the second factor of a product: <c>[inner, width]</c> each, side by side columns of a matrix. The product may read a
/// range of the columns that begins and ends inside of panels.
/// </summary>
internal struct MatMulPanels
{
    /// <summary>Elements of the matrix before the first panel that the product reads.</summary>
    public nint Start;

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

    /// <summary>Panels in the place of a frozen factor, all of the inner dimension one after the other.</summary>
    /// <param name="product">The product.</param>
    /// <param name="panelColumns">Columns of a panel.</param>
    /// <param name="firstInner">First inner index that is read.</param>
    public static MatMulPanels Frozen(in MatMulOperands product, nint panelColumns, nint firstInner)
    {
        nint firstPanel = product.FirstFrozenColumn / panelColumns;
        return new MatMulPanels
        {
            Start = firstPanel * panelColumns * product.K,
            Stride = product.K * panelColumns,
            PanelColumns = panelColumns,
            MatrixColumns = product.FrozenColumns - (firstPanel * panelColumns),
            FirstInner = firstInner,
            FirstColumn = product.FirstFrozenColumn % panelColumns,
            ColumnCount = product.N,
        };
    }

    /// <summary>Panels that are copied somewhere; the last one is no wider than it has to be.</summary>
    /// <param name="columns">Columns.</param>
    /// <param name="panelColumns">Columns of a panel.</param>
    /// <param name="multiple">Of which every panel's columns are a multiple.</param>
    public static MatMulPanels Copied(nint columns, nint panelColumns, nint multiple) => new()
    {
        PanelColumns = panelColumns,
        MatrixColumns = (columns + multiple - 1) / multiple * multiple,
        ColumnCount = columns,
    };

    /// <summary>Panels that the product reads.</summary>
    public readonly nint Count => (FirstColumn + ColumnCount + PanelColumns - 1) / PanelColumns;

    /// <summary>Columns of a panel.</summary>
    /// <param name="index">Which panel.</param>
    public readonly nint WidthOf(nint index) => Math.Min(PanelColumns, MatrixColumns - (index * PanelColumns));

    /// <summary>Elements of the matrix before a panel's first inner index that the product reads.</summary>
    /// <param name="index">Which panel.</param>
    public readonly nint OffsetOf(nint index) => Start + (index * Stride) + (FirstInner * WidthOf(index));

    /// <summary>The product's columns in a panel: the first of them, the panel's columns before it, and how many.</summary>
    /// <param name="index">Which panel.</param>
    public readonly (nint Column, nint Skipped, nint Columns) ColumnsOf(nint index)
    {
        nint start = (index * PanelColumns) - FirstColumn;
        nint column = Math.Max(start, 0);
        return (column, column - start, Math.Min(start + WidthOf(index), ColumnCount) - column);
    }
}

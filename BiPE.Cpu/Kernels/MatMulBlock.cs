using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>Some rows times some columns of a product, over a block of the inner dimension.</summary>
internal readonly unsafe struct MatMulBlock<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    // So few rows are summed over all of the inner dimension at once: the weights' way from memory is what takes time, and a panel
    // is one run of it.
    private const int FewRows = 32;

    // Few rows that take more than one tile run over a panel in blocks, while the next block is fetched: otherwise the first tile would
    // wait for memory, and memory for the other tiles. Up to a tile and a half, reading takes longer than multiplying, and two blocks
    // should fit a first cache of 48 KB; beyond, longer blocks touch the destination less often.
    private const int ReadBlock = 96;
    private const int MultipliedBlock = 384;

    // Elements of a strip, two thirds of a first cache of 48 KB.
    private const int StripLength = 8192;

    // Copies lie a line further apart than they are long: a power of two would put all of them into the same few places of a cache.
    private const int Padding = CacheLine.Elements;

    private readonly MatMulOperands _product;
    private readonly nint _firstRow;
    private readonly nint _firstColumn;
    private readonly nint _firstInner;

    /// <summary>Describes a block.</summary>
    /// <param name="product">The product.</param>
    /// <param name="firstRow">First row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="firstColumn">First column, that of a panel; 0 if the second factor is frozen.</param>
    /// <param name="columns">Columns; all of them if the second factor is frozen.</param>
    /// <param name="firstInner">First index of the inner dimension; at any but 0, products are added to the destination.</param>
    /// <param name="innerCount">Indices of the inner dimension.</param>
    public MatMulBlock(in MatMulOperands product, nint firstRow, nint rows, nint firstColumn, nint columns, nint firstInner, nint innerCount)
    {
        _product = product;
        _firstRow = firstRow;
        _firstColumn = firstColumn;
        _firstInner = firstInner;
        Rows = rows;
        InnerCount = innerCount;
        Panels = product.IsFrozen ? MatMulPanels.Frozen(product, PanelColumns, firstInner) : MatMulPanels.Copied(columns, PanelColumns, TSimd.Width);
        StripRows = ReadsPanelsOnce(product) ? rows
            : CopiesRows ? TSimd.TileRows
            : Math.Max(StripLength / innerCount / TSimd.TileRows, 1) * TSimd.TileRows;
    }

    /// <summary>Rows of the block.</summary>
    public nint Rows { get; }

    /// <summary>Its columns.</summary>
    public MatMulPanels Panels { get; }

    /// <summary>Indices of the inner dimension.</summary>
    public nint InnerCount { get; }

    /// <summary>Rows that are multiplied by a panel at once: they stay in a first cache.</summary>
    public nint StripRows { get; }

    /// <summary>Whether the panels are there already.</summary>
    public bool IsFrozen => _product.IsFrozen;

    /// <summary>Whether the first factor's rows have to be copied.</summary>
    public bool CopiesRows => _product.AColumn != 1;

    /// <summary>Elements from a row of the first factor to the next, where they lie.</summary>
    public nint RowStride => _product.ARow;

    /// <summary>Elements from a copied panel to the next.</summary>
    public nint PanelStride => (PanelColumns * InnerCount) + Padding;

    /// <summary>Elements from a strip of copied rows to the next.</summary>
    public nint StripStride => (TSimd.TileRows * InnerCount) + Padding;

    /// <summary>Scratch elements that <see cref="Multiply(nint, nint, float*, float*, nint, float*)"/> needs.</summary>
    public nint EdgeLength => Math.Min(StripRows, Rows) * PanelColumns;

    private static nint PanelColumns => TileProduct<TSimd, TVector>.WideColumns;

    private nint FirstOfColumns => (_firstInner * _product.BRow) + (_firstColumn * _product.BColumn);

    private bool Accumulates => _product.Accumulate || _firstInner > 0;

    /// <summary>Whether a product reads its second factor from memory once, all of the inner dimension in one go.</summary>
    /// <param name="product">The product.</param>
    public static bool ReadsPanelsOnce(in MatMulOperands product) => product.IsFrozen && product.AColumn == 1 && product.M <= FewRows;

    /// <summary>Copying of all columns into panels.</summary>
    /// <param name="panels">Where they go.</param>
    public MatMulPackJob PackColumns(float* panels) => new()
    {
        Source = _product.B + FirstOfColumns,
        BFloat16Source = _product.IsWidened ? _product.BFloat16B + FirstOfColumns : null,
        Lanes = Panels.ColumnCount,
        LaneStride = _product.BColumn,
        InnerStride = _product.BRow,
        InnerCount = InnerCount,
        Panels = panels,
        PanelStride = PanelStride,
        Width = PanelColumns,
        LastWidth = Panels.WidthOf(Panels.Count - 1),
    };

    /// <summary>Copying of all rows into strips of a tile's rows.</summary>
    /// <param name="strips">Where they go.</param>
    public MatMulPackJob PackRows(float* strips) => new()
    {
        Source = RowsOf(0),
        Lanes = Rows,
        LaneStride = _product.ARow,
        InnerStride = _product.AColumn,
        InnerCount = InnerCount,
        Panels = strips,
        PanelStride = StripStride,
        Width = TSimd.TileRows,
        LastWidth = TSimd.TileRows,
    };

    /// <summary>Where a row begins.</summary>
    /// <param name="row">Which row of the block.</param>
    public float* RowsOf(nint row) => _product.A + ((_firstRow + row) * _product.ARow) + (_firstInner * _product.AColumn);

    /// <summary>A strip of rows times a panel.</summary>
    /// <param name="row">First row.</param>
    /// <param name="rows">Rows, at most <see cref="StripRows"/>.</param>
    /// <param name="strip">The rows, copied or where they lie.</param>
    /// <param name="panel">A panel's copy; that of a frozen factor is read where it lies.</param>
    /// <param name="index">Which panel it is.</param>
    /// <param name="edge">Scratch memory.</param>
    public void Multiply(nint row, nint rows, float* strip, float* panel, nint index, float* edge)
    {
        nint width = Panels.WidthOf(index);
        (nint column, nint skipped, nint columns) = Panels.ColumnsOf(index);
        float* c = _product.C + ((_firstRow + row) * _product.N) + _firstColumn + column;
        if (columns == width)
        {
            Multiply(rows, strip, panel, index, c, _product.N, Accumulates);
        }
        else
        {
            Multiply(rows, strip, panel, index, edge, PanelColumns, accumulate: false);
            WriteEdge(c, edge + skipped, rows, columns);
        }
    }

    private void Multiply(nint rows, float* a, float* panel, nint index, float* c, nint cRow, bool accumulate)
    {
        nint width = Panels.WidthOf(index);
        if (!IsFrozen)
        {
            MultiplyPanel(rows, a, panel, width, c, cRow, accumulate);
        }
        else if (_product.IsWidened)
        {
            MultiplyPanel(rows, a, _product.BFloat16B + Panels.OffsetOf(index), width, c, cRow, accumulate);
        }
        else
        {
            MultiplyPanel(rows, a, _product.B + Panels.OffsetOf(index), width, c, cRow, accumulate);
        }
    }

    private void MultiplyPanel<TElement>(nint rows, float* a, TElement* panel, nint width, float* c, nint cRow, bool accumulate)
        where TElement : unmanaged
    {
        if (ReadsPanelsOnce(_product))
        {
            MultiplyFew(rows, a, panel, width, c, cRow, accumulate);
            return;
        }

        (nint aRow, nint aColumn) = CopiesRows ? (1, TSimd.TileRows) : (_product.ARow, 1);
        TileProduct<TSimd, TVector>.Multiply(rows, width, InnerCount, a, aRow, aColumn, panel, width, c, cRow, _product.Alpha, accumulate);
    }

    /// <summary>A few rows times a panel that comes from memory.</summary>
    private void MultiplyFew<TElement>(nint rows, float* a, TElement* panel, nint width, float* c, nint cRow, bool accumulate)
        where TElement : unmanaged
    {
        nint block = rows <= TSimd.TileRows ? InnerCount : 2 * rows <= 3 * TSimd.TileRows ? ReadBlock : MultipliedBlock;
        for (nint inner = 0; inner < InnerCount; inner += block)
        {
            nint count = Math.Min(block, InnerCount - inner);
            TElement* b = panel + (inner * width);
            TileProduct<TSimd, TVector>.MultiplyFetching(
                rows, width, count, a + inner, _product.ARow, 1, b, width, c, cRow, _product.Alpha, accumulate || inner > 0,
                next: rows <= TSimd.TileRows ? null : b + (count * width));
        }
    }

    private void WriteEdge(float* destination, float* edge, nint rows, nint columns)
    {
        for (nint row = 0; row < rows; row++)
        {
            float* source = edge + (row * PanelColumns);
            float* target = destination + (row * _product.N);
            for (nint column = 0; column < columns; column += TSimd.Width)
            {
                nint lanes = Math.Min(TSimd.Width, columns - column);
                TVector value = TSimd.Load(source + column);
                if (Accumulates)
                {
                    value = TSimd.Add(value, TSimd.LoadPartial(target + column, lanes));
                }

                TSimd.StorePartial(target + column, value, lanes);
            }
        }
    }
}

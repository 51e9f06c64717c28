namespace BiPE.Cuda.Products;

/// <summary>Result (=|+=) alpha * op(left) op(right), for each of a group of row-major matrices.</summary>
/// <param name="Rows">M: rows of the result and of op(left).</param>
/// <param name="Columns">N: columns of the result and of op(right).</param>
/// <param name="Terms">K: columns of op(left), rows of op(right).</param>
/// <param name="Groups">Number of products.</param>
/// <param name="Result">Where the products go; never transposed.</param>
/// <param name="Left">First factors.</param>
/// <param name="Right">Second factors, of the first ones' element type.</param>
/// <param name="Alpha">Factor.</param>
/// <param name="Accumulates">Whether products are added to the result.</param>
internal readonly record struct MatrixProduct(
    int Rows, int Columns, int Terms, int Groups, MatrixOperand Result, MatrixOperand Left, MatrixOperand Right, float Alpha, bool Accumulates);

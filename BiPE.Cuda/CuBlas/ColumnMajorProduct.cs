using BiPE.Core.Tensors;
using BiPE.Cuda.Products;

namespace BiPE.Cuda.CuBlas;

/// <summary>
/// A product of row-major matrices as cuBLAS takes it. A row-major matrix is, read by columns, its transpose; so the row-major
/// result is computed as its transpose, the product of the transposed factors in the other order: A is the right factor, B the
/// left one, and each keeps its own transposition. This is the only place that knows of it.
/// </summary>
internal readonly record struct ColumnMajorProduct
{
    public required CuBlasOperation OperationA { get; init; }

    public required CuBlasOperation OperationB { get; init; }

    public required int M { get; init; }

    public required int N { get; init; }

    public required int K { get; init; }

    public required int LeadingA { get; init; }

    public required long StrideA { get; init; }

    public required int LeadingB { get; init; }

    public required long StrideB { get; init; }

    public required int LeadingC { get; init; }

    public required long StrideC { get; init; }

    public required CuBlasDataType FactorType { get; init; }

    public required CuBlasDataType ResultType { get; init; }

    public static ColumnMajorProduct Of(in MatrixProduct product) => new()
    {
        OperationA = OperationOf(product.Right),
        OperationB = OperationOf(product.Left),
        M = product.Columns,
        N = product.Rows,
        K = product.Terms,
        LeadingA = product.Right.Leading,
        StrideA = product.Right.Stride,
        LeadingB = product.Left.Leading,
        StrideB = product.Left.Stride,
        LeadingC = product.Result.Leading,
        StrideC = product.Result.Stride,
        FactorType = TypeOf(product.Left),
        ResultType = TypeOf(product.Result),
    };

    private static CuBlasOperation OperationOf(in MatrixOperand operand) =>
        operand.IsTransposed ? CuBlasOperation.Transpose : CuBlasOperation.None;

    private static CuBlasDataType TypeOf(in MatrixOperand operand) =>
        operand.Type == ElementType.BFloat16 ? CuBlasDataType.BFloat16 : CuBlasDataType.Float32;
}

namespace BiPE.Cpu.Kernels;

/// <summary>A product c[m, n] (=|+=) alpha * sum over k of a[m, k] * b[k, n], as pointers; one stride of a, and of b, is 1.</summary>
internal unsafe struct MatMulOperands
{
    public nint M;
    public nint N;
    public nint K;
    public float* A;

    /// <summary>Elements from a row of the first factor to the next.</summary>
    public nint ARow;

    /// <summary>Elements from a column of the first factor to the next.</summary>
    public nint AColumn;
    public float* B;

    /// <summary>The second factor if it is bfloat16, which is transposed; else null.</summary>
    public ushort* BFloat16B;

    /// <summary>Elements from a row of the second factor to the next.</summary>
    public nint BRow;

    /// <summary>Elements from a column of the second factor to the next.</summary>
    public nint BColumn;

    /// <summary>Destination, <c>[M, N]</c> without gaps.</summary>
    public float* C;
    public float Alpha;
    public bool Accumulate;

    /// <summary>Columns of the frozen matrix that b is columns of (<see cref="FrozenFactor{TSimd, TVector}"/>), which starts at <see cref="B"/> or <see cref="BFloat16B"/>; 0 if b lies row-major.</summary>
    public nint FrozenColumns;

    /// <summary>First of its columns that the product reads.</summary>
    public nint FirstFrozenColumn;

    /// <summary>Whether the second factor lies in panels.</summary>
    public readonly bool IsFrozen => FrozenColumns != 0;

    /// <summary>Whether the second factor has to be widened.</summary>
    public readonly bool IsWidened => BFloat16B != null;

    /// <summary>Operands of a product of contiguous row-major matrices.</summary>
    /// <param name="c"><c>[m, n]</c>.</param>
    /// <param name="a"><c>[m, k]</c>, or <c>[k, m]</c> transposed.</param>
    /// <param name="b"><c>[k, n]</c>, or <c>[n, k]</c> transposed.</param>
    /// <param name="m">Rows of c.</param>
    /// <param name="n">Columns of c.</param>
    /// <param name="k">Inner dimension.</param>
    /// <param name="transposeA">Whether a is transposed.</param>
    /// <param name="transposeB">Whether b is transposed.</param>
    /// <param name="alpha">Factor.</param>
    /// <param name="accumulate">Whether the product is added to c.</param>
    public static MatMulOperands RowMajor(
        float* c, float* a, float* b, nint m, nint n, nint k, bool transposeA, bool transposeB, float alpha, bool accumulate) => new()
        {
            M = m,
            N = n,
            K = k,
            A = a,
            ARow = transposeA ? 1 : k,
            AColumn = transposeA ? m : 1,
            B = b,
            BRow = transposeB ? 1 : n,
            BColumn = transposeB ? k : 1,
            C = c,
            Alpha = alpha,
            Accumulate = accumulate,
        };
}

using System.Numerics;
using System.Runtime.InteropServices;
using BiPE.Core.Tensors;
using ILGPU.Runtime;

namespace BiPE.Cuda.Products;

/// <summary>
/// Stands in for cuBLAS on the simulated device, whose memory is the host's: products in float32 arithmetic, each element summed in
/// the order of the terms.
/// </summary>
/// <param name="stream">The stream whose kernels come before.</param>
internal sealed unsafe class HostMultiplier(AcceleratorStream stream) : IMatrixMultiplier
{
    private float[] _right = [];
    private float[] _left = [];
    private float[] _sums = [];

    public string Name => "products on the host";

    public void Multiply(in MatrixProduct product)
    {
        stream.Synchronize();
        int columns = product.Columns;
        EnsureLength(ref _right, product.Terms * columns);
        EnsureLength(ref _left, product.Terms);
        EnsureLength(ref _sums, columns);
        Span<float> left = _left.AsSpan(0, product.Terms);
        Span<float> sums = _sums.AsSpan(0, columns);
        for (int group = 0; group < product.Groups; group++)
        {
            for (int term = 0; term < product.Terms; term++)
            {
                ReadRow(product.Right, group, term, _right.AsSpan(term * columns, columns));
            }

            for (int row = 0; row < product.Rows; row++)
            {
                ReadRow(product.Left, group, row, left);
                sums.Clear();
                for (int term = 0; term < left.Length; term++)
                {
                    AddScaled(sums, _right.AsSpan(term * columns, columns), left[term]);
                }

                WriteRow(product, group, row, sums);
            }
        }
    }

    public void Dispose()
    {
    }

    private static void EnsureLength(ref float[] array, int length)
    {
        if (array.Length < length)
        {
            array = new float[length];
        }
    }

    /// <summary>Row i of op(matrix).</summary>
    private static void ReadRow(in MatrixOperand matrix, int group, int i, Span<float> row)
    {
        long first = matrix.Offset + (group * matrix.Stride) + ((long)i * (matrix.IsTransposed ? 1 : matrix.Leading));
        int step = matrix.IsTransposed ? matrix.Leading : 1;
        for (int j = 0; j < row.Length; j++)
        {
            row[j] = Read(matrix, first + ((long)j * step));
        }
    }

    private static float Read(in MatrixOperand matrix, long at) => matrix.Type == ElementType.BFloat16
        ? BFloat16Bits.ToSingle(((ushort*)matrix.Buffer.Address)[at])
        : ((float*)matrix.Buffer.Address)[at];

    private static void WriteRow(in MatrixProduct product, int group, int i, Span<float> sums)
    {
        MatrixOperand result = product.Result;
        long first = result.Offset + (group * result.Stride) + ((long)i * result.Leading);
        for (int j = 0; j < sums.Length; j++)
        {
            float old = product.Accumulates ? Read(result, first + j) : 0;
            float value = (product.Alpha * sums[j]) + old;
            if (result.Type == ElementType.BFloat16)
            {
                ((ushort*)result.Buffer.Address)[first + j] = BFloat16Bits.FromSingle(value);
            }
            else
            {
                ((float*)result.Buffer.Address)[first + j] = value;
            }
        }
    }

    private static void AddScaled(Span<float> sums, ReadOnlySpan<float> row, float factor)
    {
        Span<Vector<float>> wide = MemoryMarshal.Cast<float, Vector<float>>(sums);
        ReadOnlySpan<Vector<float>> terms = MemoryMarshal.Cast<float, Vector<float>>(row);
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] += terms[i] * factor;
        }

        for (int i = wide.Length * Vector<float>.Count; i < sums.Length; i++)
        {
            sums[i] += row[i] * factor;
        }
    }
}

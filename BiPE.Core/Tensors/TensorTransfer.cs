using System.Numerics.Tensors;

namespace BiPE.Core.Tensors;

/// <summary>Moves values between host arrays and tensors of any floating-point element type.</summary>
public static class TensorTransfer
{
    /// <summary>All elements as float64.</summary>
    /// <param name="backend">The tensor's backend.</param>
    /// <param name="tensor">Float32, bfloat16 or float64.</param>
    public static double[] ReadDoubles(this ITensorBackend backend, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(tensor);
        var values = new double[tensor.Count];
        if (tensor.Type == ElementType.Float64)
        {
            backend.Download(values.AsSpan(), tensor);
        }
        else
        {
            TensorPrimitives.ConvertTruncating<float, double>(backend.ReadFloats(tensor), values);
        }

        return values;
    }

    /// <summary>All elements as float32.</summary>
    /// <param name="backend">The tensor's backend.</param>
    /// <param name="tensor">Float32, bfloat16 or float64.</param>
    public static float[] ReadFloats(this ITensorBackend backend, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(tensor);
        var values = new float[tensor.Count];
        switch (tensor.Type)
        {
            case ElementType.Float32:
                backend.Download(values.AsSpan(), tensor);
                break;
            case ElementType.Float64:
                TensorPrimitives.ConvertTruncating<double, float>(backend.ReadDoubles(tensor), values);
                break;
            case ElementType.BFloat16:
                var bits = new ushort[tensor.Count];
                backend.Download(bits.AsSpan(), tensor);
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = BFloat16Bits.ToSingle(bits[i]);
                }

                break;
            default:
                throw NotFloatingPoint(tensor);
        }

        return values;
    }

    /// <summary>All elements of an Int32 tensor.</summary>
    /// <param name="backend">The tensor's backend.</param>
    /// <param name="tensor">Int32.</param>
    public static int[] ReadIntegers(this ITensorBackend backend, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(tensor);
        var values = new int[tensor.Count];
        backend.Download(values.AsSpan(), tensor);
        return values;
    }

    /// <summary>Sets all elements, rounded to the tensor's type.</summary>
    /// <param name="backend">The tensor's backend.</param>
    /// <param name="tensor">Float32, bfloat16 or float64.</param>
    /// <param name="values">As many values.</param>
    public static void WriteDoubles(this ITensorBackend backend, Tensor tensor, ReadOnlySpan<double> values)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Type == ElementType.Float64)
        {
            backend.Upload(tensor, values);
            return;
        }

        var narrow = new float[values.Length];
        TensorPrimitives.ConvertTruncating<double, float>(values, narrow);
        backend.WriteFloats(tensor, narrow);
    }

    /// <summary>Sets all elements, rounded to the tensor's type.</summary>
    /// <param name="backend">The tensor's backend.</param>
    /// <param name="tensor">Float32, bfloat16 or float64.</param>
    /// <param name="values">As many values.</param>
    public static void WriteFloats(this ITensorBackend backend, Tensor tensor, ReadOnlySpan<float> values)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(tensor);
        switch (tensor.Type)
        {
            case ElementType.Float32:
                backend.Upload(tensor, values);
                break;
            case ElementType.Float64:
                var wide = new double[values.Length];
                TensorPrimitives.ConvertTruncating<float, double>(values, wide);
                backend.Upload<double>(tensor, wide);
                break;
            case ElementType.BFloat16:
                var bits = new ushort[values.Length];
                for (int i = 0; i < bits.Length; i++)
                {
                    bits[i] = BFloat16Bits.FromSingle(values[i]);
                }

                backend.Upload<ushort>(tensor, bits);
                break;
            default:
                throw NotFloatingPoint(tensor);
        }
    }

    private static ArgumentException NotFloatingPoint(Tensor tensor) =>
        new($"'tensor' is {tensor}, expected a floating-point type.", nameof(tensor));
}

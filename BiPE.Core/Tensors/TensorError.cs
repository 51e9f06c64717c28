namespace BiPE.Core.Tensors;

/// <summary>Builds the messages of <see cref="ValidatingBackend"/>: operation, argument, what was found, what was wanted.</summary>
internal static class TensorError
{
    public static void Shape(string operation, string argument, Tensor tensor, Shape expected, string? note = null)
    {
        if (tensor.Shape != expected)
        {
            throw new ArgumentException(
                $"{operation}: '{argument}' is {tensor.Shape}, expected {expected}{(note is null ? "" : $" ({note})")}.", argument);
        }
    }

    public static void Rank(string operation, string argument, Tensor tensor, int rank)
    {
        if (tensor.Shape.Rank != rank)
        {
            throw new ArgumentException($"{operation}: '{argument}' is {tensor.Shape}, expected {rank} axes.", argument);
        }
    }

    public static void Count(string operation, string argument, Tensor tensor, long expected)
    {
        if (tensor.Count != expected)
        {
            throw new ArgumentException($"{operation}: '{argument}' is {tensor.Shape}, {tensor.Count} elements, expected {expected}.", argument);
        }
    }

    public static void Type(string operation, string argument, Tensor tensor, ElementType expected)
    {
        if (tensor.Type != expected)
        {
            throw new ArgumentException($"{operation}: '{argument}' is {tensor.Type}, expected {expected}.", argument);
        }
    }

    public static void Condition(string operation, string argument, bool holds, string sentence)
    {
        if (!holds)
        {
            throw new ArgumentException($"{operation}: {sentence}.", argument);
        }
    }
}

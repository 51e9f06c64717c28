namespace BiPE.Core.Tensors;

public partial interface ITensorBackend
{
    /// <summary>destination = a + b.</summary>
    /// <param name="destination">Written; may be a or b.</param>
    /// <param name="a">Same shape.</param>
    /// <param name="b">Same shape.</param>
    void Add(Tensor destination, Tensor a, Tensor b);

    /// <summary>destination (=|+=) a * b, elementwise.</summary>
    /// <param name="destination">Written; may be a or b.</param>
    /// <param name="a">Same shape.</param>
    /// <param name="b">Same shape.</param>
    /// <param name="mode">Whether the products replace the destination or are added to it.</param>
    void Multiply(Tensor destination, Tensor a, Tensor b, WriteMode mode = WriteMode.Overwrite);

    /// <summary>destination += alpha * source.</summary>
    /// <param name="destination">Updated.</param>
    /// <param name="source">Same shape.</param>
    /// <param name="alpha">Factor.</param>
    void AddScaled(Tensor destination, Tensor source, double alpha);

    /// <summary>destination = alpha * source.</summary>
    /// <param name="destination">Written; may be the source.</param>
    /// <param name="source">Same shape.</param>
    /// <param name="alpha">Factor.</param>
    void Scale(Tensor destination, Tensor source, double alpha);

    /// <summary>destination = f(source), elementwise.</summary>
    /// <param name="destination">Written; may be the source.</param>
    /// <param name="source">Same shape.</param>
    /// <param name="kind">The function.</param>
    void Unary(Tensor destination, Tensor source, UnaryKind kind);

    /// <summary>sourceGradient (=|+=) gradient * f'(source).</summary>
    /// <param name="sourceGradient">Written; may be the gradient.</param>
    /// <param name="gradient">Same shape.</param>
    /// <param name="source">Argument of the function.</param>
    /// <param name="kind">The function.</param>
    /// <param name="mode">Whether the gradient replaces or is added.</param>
    void UnaryBackward(Tensor sourceGradient, Tensor gradient, Tensor source, UnaryKind kind, WriteMode mode = WriteMode.Overwrite);
}

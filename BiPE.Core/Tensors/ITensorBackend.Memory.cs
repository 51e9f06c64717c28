namespace BiPE.Core.Tensors;

public partial interface ITensorBackend
{
    /// <summary>Memory taken now and at most.</summary>
    MemoryUse Memory { get; }

    /// <summary>Allocates a tensor whose content is undefined; the caller gives it back with <see cref="Release"/>.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="type">Element type.</param>
    Tensor Allocate(Shape shape, ElementType type);

    /// <summary>Gives the tensor's memory back; every view of it becomes invalid.</summary>
    /// <param name="tensor">The tensor, or a view of it.</param>
    void Release(Tensor tensor);

    /// <summary>Copies host memory into a tensor.</summary>
    /// <typeparam name="T">Host type of the tensor's element type; see <see cref="ElementTypes.Of{T}"/>.</typeparam>
    /// <param name="destination">Tensor with as many elements.</param>
    /// <param name="source">The values, row-major.</param>
    void Upload<T>(Tensor destination, ReadOnlySpan<T> source)
        where T : unmanaged;

    /// <summary>Copies a tensor into host memory, after everything that writes it.</summary>
    /// <typeparam name="T">Host type of the tensor's element type.</typeparam>
    /// <param name="destination">As many elements as the tensor has.</param>
    /// <param name="source">The tensor.</param>
    void Download<T>(Span<T> destination, Tensor source)
        where T : unmanaged;

    /// <summary>destination = source, same element type and count.</summary>
    /// <param name="destination">Written.</param>
    /// <param name="source">Read.</param>
    void Copy(Tensor destination, Tensor source);

    /// <summary>Sets every element.</summary>
    /// <param name="destination">Written.</param>
    /// <param name="value">The value, converted to the element type.</param>
    void Fill(Tensor destination, double value);

    /// <summary>destination = source in the destination's element type, rounded to nearest even.</summary>
    /// <param name="destination">Written.</param>
    /// <param name="source">Read; same number of elements.</param>
    void Convert(Tensor destination, Tensor source);

    /// <summary>Waits until everything asked for is done.</summary>
    void Synchronize();
}

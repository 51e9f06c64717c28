namespace BiPE.Core.Checkpoints;

/// <summary>The tensors of a checkpoint, in one file or several, mapped into memory and converted as they are read.</summary>
public interface ITensorStore : IDisposable
{
    /// <summary>The file or folder, for messages.</summary>
    string Path { get; }

    /// <summary>The format in words.</summary>
    string Format { get; }

    /// <summary>Paths of the files that hold tensors.</summary>
    IReadOnlyCollection<string> Files { get; }

    /// <summary>The tensors by name.</summary>
    IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>Reads elements of a tensor as float32.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="first">Index of the first element in row-major order.</param>
    /// <param name="destination">Receives the elements <paramref name="first"/> .. <paramref name="first"/> + length - 1.</param>
    /// <exception cref="BipeException">There is no such tensor, or its type is not one that weights have.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range lies outside the tensor.</exception>
    void ReadFloats(string name, long first, Span<float> destination);
}

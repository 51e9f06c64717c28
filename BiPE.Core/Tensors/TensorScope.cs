namespace BiPE.Core.Tensors;

/// <summary>
/// Gives back everything allocated through it when it ends. <see cref="Keep"/> moves a tensor out, to the outer scope or, in
/// the outermost, to the caller. Scopes are explicit and belong to one thread.
/// </summary>
public sealed class TensorScope : IDisposable
{
    private readonly TensorScope? _outer;
    private readonly Dictionary<TensorBuffer, Tensor> _owned = new(ReferenceEqualityComparer.Instance);
    private bool _disposed;

    /// <summary>Opens a scope.</summary>
    /// <param name="backend">Where memory comes from.</param>
    /// <param name="outer">The scope that kept tensors move to; null gives them to the caller.</param>
    public TensorScope(ITensorBackend backend, TensorScope? outer = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        Backend = backend;
        _outer = outer;
    }

    /// <summary>Where memory comes from.</summary>
    public ITensorBackend Backend { get; }

    /// <summary>Number of tensors the scope would give back now.</summary>
    public int OwnedCount => _owned.Count;

    /// <summary>Allocates a tensor, its content undefined, that lives until the scope ends.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="type">Element type; null for the backend's activations.</param>
    public Tensor Allocate(Shape shape, ElementType? type = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Tensor tensor = Backend.Allocate(shape, type ?? Backend.Info.ActivationType);
        _owned.Add(tensor.Buffer, tensor);
        return tensor;
    }

    /// <summary>Takes over a tensor that nobody else will give back.</summary>
    /// <param name="tensor">The tensor, or a view of it.</param>
    public void Adopt(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ObjectDisposedException.ThrowIf(_disposed, this);
        _owned.TryAdd(tensor.Buffer, tensor);
    }

    /// <summary>Whether the scope will give the tensor's memory back.</summary>
    /// <param name="tensor">The tensor, or a view of it.</param>
    public bool Owns(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return _owned.ContainsKey(tensor.Buffer);
    }

    /// <summary>Gives a tensor back before the scope ends; one that the scope does not own is left alone.</summary>
    /// <param name="tensor">The tensor, or a view of it.</param>
    /// <returns>Whether the scope owned it.</returns>
    public bool Release(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (!_owned.Remove(tensor.Buffer, out Tensor? owned))
        {
            return false;
        }

        Backend.Release(owned);
        return true;
    }

    /// <summary>Moves a tensor to the outer scope, or to the caller if there is none.</summary>
    /// <param name="tensor">The tensor, or a view of it; one that the scope does not own is left where it is.</param>
    /// <returns>The same tensor.</returns>
    public Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (_owned.TryGetValue(tensor.Buffer, out Tensor? owned))
        {
            // First adopted, then let go: an outer scope that ended refuses, and the tensor must not be lost.
            _outer?.Adopt(owned);
            _owned.Remove(tensor.Buffer);
        }

        return tensor;
    }

    /// <summary>Gives back what is still owned.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        foreach (Tensor tensor in _owned.Values)
        {
            Backend.Release(tensor);
        }

        _owned.Clear();
    }
}

namespace BiPE.Core.Tensors;

/// <summary>Memory of one allocation, owned by the backend that made it; tensors are typed windows into it.</summary>
public abstract class TensorBuffer
{
    /// <summary>Creates a buffer.</summary>
    /// <param name="byteLength">Bytes that were asked for.</param>
    protected TensorBuffer(long byteLength) => ByteLength = byteLength;

    /// <summary>Bytes that were asked for.</summary>
    public long ByteLength { get; }

    /// <summary>Whether the buffer went back to its backend, so that it must not be used any more.</summary>
    public bool IsReleased { get; private set; }

    /// <summary>Marks the buffer as released; for backends only.</summary>
    /// <exception cref="ObjectDisposedException">It already is.</exception>
    public void MarkReleased()
    {
        ObjectDisposedException.ThrowIf(IsReleased, this);
        IsReleased = true;
    }
}

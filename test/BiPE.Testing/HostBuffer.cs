using BiPE.Core.Tensors;

namespace BiPE.Testing;

/// <summary>Bytes behind a tensor of <see cref="DefaultBodiesBackend"/>.</summary>
internal sealed class HostBuffer(byte[] bytes) : TensorBuffer(bytes.Length)
{
    public byte[] Bytes { get; } = bytes;
}

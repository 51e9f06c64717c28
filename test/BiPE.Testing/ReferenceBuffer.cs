using BiPE.Core.Tensors;

namespace BiPE.Testing;

/// <summary>A managed array behind a tensor of the reference backend.</summary>
internal sealed class ReferenceBuffer(Array values, long byteLength) : TensorBuffer(byteLength)
{
    public Array Values { get; } = values;
}

using BiPE.Core.Tensors;

namespace BiPE.Core.Model;

/// <summary>Keys and values of one layer and one row of tokens, as attention reads them: rotated keys, in the order of the tokens.</summary>
internal sealed class KeyValueCache : IDisposable
{
    private readonly ITensorBackend _backend;
    private readonly Tensor _keys;
    private readonly Tensor _values;

    /// <summary>Allocates a cache.</summary>
    /// <param name="backend">Where it lives.</param>
    /// <param name="config">Number and size of heads.</param>
    /// <param name="capacity">Most tokens it holds.</param>
    public KeyValueCache(ITensorBackend backend, ModelConfig config, int capacity)
    {
        _backend = backend;
        var shape = new Shape(capacity, config.KeyValueHeadCount, config.HeadDimension);
        _keys = backend.Allocate(shape, backend.Info.ActivationType);
        _values = backend.Allocate(shape, backend.Info.ActivationType);
    }

    /// <summary>Tokens it holds.</summary>
    public int Count { get; private set; }

    /// <summary>Keys of all tokens, <c>[1, count, keyValueHeads, headDim]</c>.</summary>
    public Tensor Keys => AsRow(_keys.Slice(0, Count));

    /// <summary>As <see cref="Keys"/>.</summary>
    public Tensor Values => AsRow(_values.Slice(0, Count));

    /// <summary>Makes room for further tokens.</summary>
    /// <param name="tokens">How many.</param>
    /// <returns>Their keys and values, to be written: <c>[1, tokens, keyValueHeads, headDim]</c>.</returns>
    public (Tensor Keys, Tensor Values) Extend(int tokens)
    {
        int first = Count;
        Count += tokens;
        return (AsRow(_keys.Slice(first, tokens)), AsRow(_values.Slice(first, tokens)));
    }

    /// <summary>Forgets all tokens, for the next layer or row.</summary>
    public void Clear() => Count = 0;

    public void Dispose()
    {
        _backend.Release(_keys);
        _backend.Release(_values);
    }

    private static Tensor AsRow(Tensor tensor) => tensor.Reshape(1, tensor.Shape[0], tensor.Shape[1], tensor.Shape[2]);
}

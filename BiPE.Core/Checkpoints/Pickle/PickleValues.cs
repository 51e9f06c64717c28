namespace BiPE.Core.Checkpoints.Pickle;

/// <summary>A tuple of a pickle. Numbers, texts, truth values and None are their .NET counterparts.</summary>
internal sealed class PickleTuple(params object?[] items)
{
    public object?[] Items { get; } = items;
}

/// <summary>A list of a pickle.</summary>
internal sealed class PickleList
{
    public List<object?> Items { get; } = [];
}

/// <summary>A dictionary of a pickle, ordered or not; keys are texts.</summary>
/// <param name="isOrdered">Whether it is an OrderedDict, which may carry attributes.</param>
internal sealed class PickleDictionary(bool isOrdered)
{
    public bool IsOrdered => isOrdered;

    /// <summary>Its pairs in the order of their first appearance.</summary>
    public OrderedDictionary<string, object?> Items { get; } = new(StringComparer.Ordinal);
}

/// <summary>One of the names that a tensor's pickle may refer to.</summary>
internal sealed record TorchGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>A storage that a pickle refers to; where its bytes lie is the file's to say.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Count">Number of elements.</param>
internal sealed record TorchStorage(string Key, TorchType Type, long Count);

/// <summary>A view of a storage.</summary>
/// <param name="Storage">The storage.</param>
/// <param name="Offset">First element in it.</param>
/// <param name="Shape">Extents, outermost first.</param>
/// <param name="Strides">Elements between neighbours along each axis.</param>
/// <param name="Count">Number of elements.</param>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Shape, long[] Strides, long Count)
{
    /// <summary>Whether the elements lie one after another in row-major order.</summary>
    public bool IsContiguous
    {
        get
        {
            long expected = 1;
            for (int axis = Shape.Length - 1; axis >= 0; axis--)
            {
                if (Shape[axis] != 1 && Strides[axis] != expected)
                {
                    return false;
                }

                expected *= Shape[axis];
            }

            return true;
        }
    }
}

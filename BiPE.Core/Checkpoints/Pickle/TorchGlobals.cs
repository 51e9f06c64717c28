namespace BiPE.Core.Checkpoints.Pickle;

/// <summary>The names that a tensor's pickle may refer to, and what stands for calling them. Everything else is refused by name.</summary>
internal sealed class TorchGlobals(string path)
{
    private const int MaximumAxes = 16;

    // Strides of 0 make any number of elements of a few, also more than sums over tensors can hold.
    private const long MaximumElements = 1L << 40;
    private static readonly TorchGlobal OrderedDictionary = new("collections", "OrderedDict");
    private static readonly TorchGlobal RebuildTensor = new("torch._utils", "_rebuild_tensor");
    private static readonly TorchGlobal RebuildTensor2 = new("torch._utils", "_rebuild_tensor_v2");
    private static readonly TorchGlobal RebuildParameter = new("torch._utils", "_rebuild_parameter");
    private static readonly TorchGlobal Size = new("torch", "Size");
    private static readonly TorchGlobal[] Callable = [OrderedDictionary, RebuildTensor, RebuildTensor2, RebuildParameter, Size];

    private readonly Dictionary<string, TorchStorage> _storages = new(StringComparer.Ordinal);

    /// <summary>The storages that the pickle refers to, by key.</summary>
    public IReadOnlyDictionary<string, TorchStorage> Storages => _storages;

    /// <summary>The global of a name.</summary>
    /// <exception cref="BipeException">It is none of those that tensors need.</exception>
    public TorchGlobal Find(string module, string name)
    {
        var global = new TorchGlobal(module, name);
        bool isStorage = module is "torch" or "torch.cuda" && TorchType.Find(name) is not null;
        return isStorage || Callable.Contains(global)
            ? global
            : throw PickleFault.Refused(path, $"asks for {PickleFault.Quote(global.ToString())}");
    }

    /// <summary>What a call gives.</summary>
    public object Call(object? callee, object? arguments)
    {
        if (callee is not TorchGlobal global || arguments is not PickleTuple tuple)
        {
            throw PickleFault.Refused(path, $"calls {PickleFault.Kind(callee)} with {PickleFault.Kind(arguments)}");
        }

        object?[] items = tuple.Items;
        if (global == OrderedDictionary && items.Length == 0)
        {
            return new PickleDictionary(isOrdered: true);
        }

        if (global == Size && items is [PickleTuple extents])
        {
            return extents;
        }

        if (global == RebuildParameter && items is [TorchTensor data, ..])
        {
            return data;
        }

        if ((global == RebuildTensor && items.Length == 4) || (global == RebuildTensor2 && items.Length is 6 or 7))
        {
            if (items.Length == 7 && items[6] is not (null or PickleDictionary { Items.Count: 0 }))
            {
                throw PickleFault.Unsupported(path, "has a tensor whose elements are negated or conjugated on reading");
            }

            return Tensor(items[0], items[1], items[2], items[3]);
        }

        throw Fault($"it calls {global} with {items.Length} arguments ({string.Join(", ", items.Take(8).Select(PickleFault.Kind))})");
    }

    /// <summary>The storage of a persistent id: ("storage", class, key, device, number of elements), in old files with a sixth, None.</summary>
    public TorchStorage Storage(object? id)
    {
        if (id is not PickleTuple { Items: ["storage", TorchGlobal type, string key, string, long count, .. var rest] }
            || TorchType.Find(type.Name) is not { } element || rest is not ([] or [null]) || count < 0)
        {
            throw Fault($"it refers to something outside the pickle that is not a whole storage ({PickleFault.Kind(id)})");
        }

        var storage = new TorchStorage(key, element, count);
        if (!_storages.TryAdd(key, storage) && _storages[key] != storage)
        {
            throw Fault($"it refers to the storage {PickleFault.Quote(key)} as {_storages[key].Count} {_storages[key].Type.Name} and as {count} {element.Name}");
        }

        return _storages[key];
    }

    private TorchTensor Tensor(object? storage, object? offset, object? shape, object? strides)
    {
        if (storage is not TorchStorage source || offset is not long first || Integers(shape) is not { } extents || Integers(strides) is not { } steps
            || extents.Length != steps.Length || first < 0)
        {
            throw Fault(
                $"it makes a tensor of {PickleFault.Kind(storage)}, {PickleFault.Kind(offset)}, {PickleFault.Kind(shape)} and {PickleFault.Kind(strides)}, " +
                "expected a storage, an offset, extents and as many strides, none negative");
        }

        try
        {
            long count = 1;
            long last = first;
            for (int axis = 0; axis < extents.Length; axis++)
            {
                count = checked(count * extents[axis]);
                last = checked(last + (Math.Max(extents[axis] - 1, 0) * steps[axis]));
            }

            if (count > MaximumElements)
            {
                throw TooLarge();
            }

            return count == 0 || last < source.Count
                ? new TorchTensor(source, first, extents, steps, count)
                : throw Fault($"a tensor [{string.Join(", ", extents)}] reaches element {last} of the storage {PickleFault.Quote(source.Key)}, which has {source.Count}");
        }
        catch (OverflowException)
        {
            throw TooLarge();
        }

        BipeException TooLarge() => Fault(
            $"it has a tensor [{string.Join(", ", extents)}] of strides [{string.Join(", ", steps)}], which is too large for any memory");
    }

    private static long[]? Integers(object? value) =>
        value is PickleTuple { Items: { Length: <= MaximumAxes } items } && items.All(item => item is long and >= 0)
            ? [.. items.Cast<long>()]
            : null;

    private BipeException Fault(string what) => PickleFault.Damaged(path, what);
}

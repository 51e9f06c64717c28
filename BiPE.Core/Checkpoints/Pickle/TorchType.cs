namespace BiPE.Core.Checkpoints.Pickle;

/// <summary>Element type of a PyTorch storage.</summary>
/// <param name="Storage">Name of the storage's class in the module torch.</param>
/// <param name="Name">Name as in safetensors, <c>F32</c> for example.</param>
/// <param name="Size">Bytes of an element.</param>
internal sealed record TorchType(string Storage, string Name, int Size)
{
    private static readonly Dictionary<string, TorchType> ByStorage = new[]
    {
        new TorchType("FloatStorage", "F32", 4), new TorchType("HalfStorage", "F16", 2), new TorchType("BFloat16Storage", "BF16", 2),
        new TorchType("DoubleStorage", "F64", 8), new TorchType("LongStorage", "I64", 8), new TorchType("IntStorage", "I32", 4),
        new TorchType("ShortStorage", "I16", 2), new TorchType("CharStorage", "I8", 1), new TorchType("ByteStorage", "U8", 1),
        new TorchType("BoolStorage", "BOOL", 1), new TorchType("ComplexFloatStorage", "C64", 8), new TorchType("ComplexDoubleStorage", "C128", 16),
    }.ToDictionary(type => type.Storage);

    /// <summary>Whether it is read as weights: float32, float16 or bfloat16.</summary>
    public bool IsWeight => Name is "F32" or "F16" or "BF16";

    /// <summary>The type of a storage class, or null if there is no such class.</summary>
    public static TorchType? Find(string storage) => ByStorage.GetValueOrDefault(storage);
}

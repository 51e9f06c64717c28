namespace BiPE.Core.Checkpoints.Safetensors;

/// <summary>Names and sizes of the element types.</summary>
internal static class SafetensorsTypes
{
    private static readonly (SafetensorsType Type, string Name, int Size)[] Known =
    [
        (SafetensorsType.Bool, "BOOL", 1),
        (SafetensorsType.UInt8, "U8", 1),
        (SafetensorsType.Int8, "I8", 1),
        (SafetensorsType.Int16, "I16", 2),
        (SafetensorsType.UInt16, "U16", 2),
        (SafetensorsType.Float16, "F16", 2),
        (SafetensorsType.BFloat16, "BF16", 2),
        (SafetensorsType.Int32, "I32", 4),
        (SafetensorsType.Float32, "F32", 4),
        (SafetensorsType.Float64, "F64", 8),
        (SafetensorsType.Int64, "I64", 8),
    ];

    public static string AllNames => string.Join(", ", Known.Select(known => known.Name));

    public static string NameOf(SafetensorsType type) => Known[(int)type].Name;

    public static int SizeOf(SafetensorsType type) => Known[(int)type].Size;

    public static bool TryParse(string name, out SafetensorsType type)
    {
        foreach (var known in Known)
        {
            if (known.Name == name)
            {
                type = known.Type;
                return true;
            }
        }

        type = default;
        return false;
    }
}

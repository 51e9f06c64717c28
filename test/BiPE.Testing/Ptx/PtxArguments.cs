using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;

namespace BiPE.Testing.Ptx;

/// <summary>
/// A kernel's operands as its PTX reads them: fields in order, each at a multiple of its size; a view is an address and a number of
/// elements of 8 bytes each.
/// </summary>
internal sealed class PtxArguments
{
    private readonly List<byte> _bytes = [];
    private readonly List<(ulong Start, ulong Length)> _views = [];

    private PtxArguments()
    {
    }

    /// <summary>The operands.</summary>
    public ReadOnlySpan<byte> Bytes => CollectionsMarshal.AsSpan(_bytes);

    /// <summary>The memory of all views: what a kernel may touch.</summary>
    public PtxRegions Views => new(_views);

    /// <summary>Lays operands out.</summary>
    /// <param name="arguments">The structure that a kernel takes.</param>
    public static PtxArguments Of(object arguments)
    {
        var result = new PtxArguments();
        result.Add(arguments);
        result.Align(AlignmentOf(arguments.GetType()));
        return result;
    }

    private static IEnumerable<FieldInfo> FieldsOf(Type type) => type
        .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .OrderBy(field => field.MetadataToken);

    private static int AlignmentOf(Type type) => type.IsPrimitive
        ? SizeOf(type)
        : type.IsAssignableTo(typeof(IArrayView)) ? sizeof(long) : FieldsOf(type).Max(field => AlignmentOf(field.FieldType));

    private static int SizeOf(Type primitive) => Type.GetTypeCode(primitive) switch
    {
        TypeCode.UInt16 => sizeof(ushort),
        TypeCode.Int32 or TypeCode.UInt32 or TypeCode.Single => sizeof(int),
        TypeCode.Int64 or TypeCode.Double => sizeof(long),
        _ => throw new NotSupportedException($"Operands of type {primitive.Name} are not laid out yet."),
    };

    private void Add(object value)
    {
        Type type = value.GetType();
        Align(AlignmentOf(type));
        if (value is IContiguousArrayView view)
        {
            long address = view.IsValid ? view.Buffer.NativePtr + view.IndexInBytes : 0;
            _views.Add(((ulong)address, (ulong)view.LengthInBytes));
            _bytes.AddRange(BitConverter.GetBytes(address));
            _bytes.AddRange(BitConverter.GetBytes(view.Length));
        }
        else if (type.IsPrimitive)
        {
            _bytes.AddRange(value switch
            {
                ushort number => BitConverter.GetBytes(number),
                uint number => BitConverter.GetBytes(number),
                int number => BitConverter.GetBytes(number),
                long number => BitConverter.GetBytes(number),
                float number => BitConverter.GetBytes(number),
                _ => BitConverter.GetBytes((double)value),
            });
        }
        else
        {
            foreach (FieldInfo field in FieldsOf(type))
            {
                Add(field.GetValue(value)!);
            }

            Align(AlignmentOf(type));
        }
    }

    private void Align(int alignment)
    {
        while (_bytes.Count % alignment != 0)
        {
            _bytes.Add(0);
        }
    }
}

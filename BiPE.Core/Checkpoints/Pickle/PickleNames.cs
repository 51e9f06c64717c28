namespace BiPE.Core.Checkpoints.Pickle;

/// <summary>Names of the pickle instructions that are refused, for messages.</summary>
internal static class PickleNames
{
    private static readonly Dictionary<byte, string> Known = new()
    {
        [(byte)'F'] = "FLOAT", [(byte)'I'] = "INT", [(byte)'L'] = "LONG", [(byte)'P'] = "PERSID", [(byte)'S'] = "STRING", [(byte)'V'] = "UNICODE",
        [(byte)'B'] = "BINBYTES", [(byte)'C'] = "SHORT_BINBYTES", [(byte)'d'] = "DICT", [(byte)'g'] = "GET", [(byte)'i'] = "INST",
        [(byte)'l'] = "LIST", [(byte)'o'] = "OBJ", [(byte)'p'] = "PUT", [0x81] = "NEWOBJ", [0x82] = "EXT1", [0x83] = "EXT2", [0x84] = "EXT4",
        [0x8b] = "LONG4", [0x8e] = "BINBYTES8", [0x8f] = "EMPTY_SET", [0x90] = "ADDITEMS", [0x91] = "FROZENSET", [0x92] = "NEWOBJ_EX",
        [0x96] = "BYTEARRAY8", [0x97] = "NEXT_BUFFER", [0x98] = "READONLY_BUFFER",
    };

    /// <summary>The name in Python's library, or the byte.</summary>
    public static string Of(byte opcode) => Known.GetValueOrDefault(opcode, $"0x{opcode:X2}");
}

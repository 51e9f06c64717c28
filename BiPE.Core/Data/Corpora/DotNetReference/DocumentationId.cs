using System.Text;

namespace BiPE.Core.Data.Corpora.DotNetReference;

/// <summary>
/// Turns the identifiers of XML documentation (ECMA-334, annex D: <c>M:System.String.Insert(System.Int32,System.String)</c>)
/// into names as a reader of C# writes them.
/// </summary>
internal static class DocumentationId
{
    private static readonly Dictionary<string, string> Keywords = new(StringComparer.Ordinal)
    {
        ["System.Boolean"] = "bool",
        ["System.Byte"] = "byte",
        ["System.SByte"] = "sbyte",
        ["System.Char"] = "char",
        ["System.Decimal"] = "decimal",
        ["System.Double"] = "double",
        ["System.Single"] = "float",
        ["System.Int32"] = "int",
        ["System.UInt32"] = "uint",
        ["System.Int64"] = "long",
        ["System.UInt64"] = "ulong",
        ["System.Int16"] = "short",
        ["System.UInt16"] = "ushort",
        ["System.IntPtr"] = "nint",
        ["System.UIntPtr"] = "nuint",
        ["System.Object"] = "object",
        ["System.String"] = "string",
    };

    /// <summary>The identifier without kind and parameter list: <c>System.String.Insert</c>.</summary>
    public static string QualifiedName(string id)
    {
        int end = id.AsSpan().IndexOfAny('(', '~');
        return end < 0 ? id[2..] : id[2..end];
    }

    /// <summary>The type that a member belongs to: all before the last dot of its qualified name.</summary>
    public static string DeclaringType(string qualifiedName)
    {
        int dot = qualifiedName.LastIndexOf('.');
        return dot < 0 ? "" : qualifiedName[..dot];
    }

    /// <summary>A name whose numbers of type parameters are left out: <c>System.Collections.Generic.Dictionary</c>.</summary>
    /// <param name="qualifiedName">As in <c>System.Collections.Generic.Dictionary`2</c>.</param>
    public static string WithoutArity(string qualifiedName) =>
        string.Join('.', qualifiedName.Split('.').Select(part => part.Split('`')[0]));

    /// <summary>A type's name without namespace, with its type parameters: <c>Dictionary&lt;TKey, TValue&gt;</c>.</summary>
    /// <param name="qualifiedName">As in <c>System.Collections.Generic.Dictionary`2</c>.</param>
    /// <param name="typeParameters">Names of its type parameters, if they are known.</param>
    public static string TypeName(string qualifiedName, IReadOnlyList<string>? typeParameters)
    {
        string name = qualifiedName[(qualifiedName.LastIndexOf('.') + 1)..];
        int tick = name.IndexOf('`');
        if (tick < 0)
        {
            return name;
        }

        int count = int.TryParse(name.AsSpan(tick).TrimStart('`'), out int parsed) ? parsed : 1;
        IEnumerable<string> names = typeParameters?.Count == count
            ? typeParameters
            : count == 1 ? ["T"] : Enumerable.Range(1, count).Select(i => $"T{i}");
        return $"{name[..tick]}<{string.Join(", ", names)}>";
    }

    /// <summary>A member's own name: that of its type for a constructor, <c>operator Addition</c> for <c>op_Addition</c>.</summary>
    /// <param name="qualifiedName">As in <c>System.String.Insert</c>.</param>
    public static string MemberName(string qualifiedName)
    {
        string name = qualifiedName[(qualifiedName.LastIndexOf('.') + 1)..];
        if (name is "#ctor" or "#cctor")
        {
            name = WithoutArity(DeclaringType(qualifiedName));
            return name[(name.LastIndexOf('.') + 1)..];
        }

        if (name.StartsWith("op_", StringComparison.Ordinal))
        {
            return $"operator {name[3..]}";
        }

        return WithoutArity(name);
    }

    /// <summary>The types of a member's parameters, as C# writes them without namespaces; empty if it has none.</summary>
    /// <param name="id">The whole identifier.</param>
    /// <param name="typeParameters">Names of the declaring type's type parameters (<c>`0</c>, <c>`1</c>).</param>
    /// <param name="methodTypeParameters">Names of the method's type parameters (<c>``0</c>, <c>``1</c>).</param>
    public static List<string> ParameterTypes(string id, IReadOnlyList<string> typeParameters, IReadOnlyList<string> methodTypeParameters)
    {
        int open = id.IndexOf('(');
        var types = new List<string>();
        if (open < 0)
        {
            return types;
        }

        int position = open + 1;
        while (position < id.Length && id[position] != ')')
        {
            types.Add(ParseType(id, ref position, typeParameters, methodTypeParameters));
            if (position < id.Length && id[position] == ',')
            {
                position++;
            }
        }

        return types;
    }

    private static string ParseType(string id, ref int position, IReadOnlyList<string> typeParameters, IReadOnlyList<string> methodTypeParameters)
    {
        int start = position;
        while (position < id.Length && id[position] is not ('{' or '}' or ',' or ')' or '(' or '[' or '@' or '*'))
        {
            position++;
        }

        string name = id[start..position];
        var text = new StringBuilder(SimpleName(name, typeParameters, methodTypeParameters));
        if (position < id.Length && id[position] == '{')
        {
            char separator = '<';
            while (position < id.Length && id[position] is '{' or ',')
            {
                position++;
                text.Append(separator == '<' ? "<" : ", ").Append(ParseType(id, ref position, typeParameters, methodTypeParameters));
                separator = ',';
            }

            text.Append('>');
            position++;
        }

        while (position < id.Length && id[position] is '[' or '@' or '*')
        {
            switch (id[position])
            {
                case '[':
                    int close = id.IndexOf(']', position);
                    text.Append('[').Append(',', id.AsSpan(position, close - position).Count(',')).Append(']');
                    position = close + 1;
                    break;
                case '@':
                    text.Insert(0, "ref ");
                    position++;
                    break;
                default:
                    text.Append('*');
                    position++;
                    break;
            }
        }

        // What the grammar does not know is passed over, so that the caller always gets on.
        if (position == start)
        {
            position++;
        }

        return text.ToString();
    }

    private static string SimpleName(string name, IReadOnlyList<string> typeParameters, IReadOnlyList<string> methodTypeParameters)
    {
        if (name.StartsWith('`'))
        {
            IReadOnlyList<string> names = name.StartsWith("``", StringComparison.Ordinal) ? methodTypeParameters : typeParameters;
            return int.TryParse(name.AsSpan().TrimStart('`'), out int index) && index < names.Count ? names[index] : "T";
        }

        return Keywords.GetValueOrDefault(name) ?? name[(name.LastIndexOf('.') + 1)..];
    }
}

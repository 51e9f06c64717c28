using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace BiPE.Core.Data.Corpora.DotNetReference;

/// <summary>Writes the documentation of a type and its members as one text.</summary>
internal sealed class TypeDocument
{
    private readonly string _type;
    private readonly List<XElement> _members = [];
    private XElement? _typeElement;

    /// <summary>Creates an empty document.</summary>
    /// <param name="type">Qualified name of the type.</param>
    public TypeDocument(string type) => _type = type;

    /// <summary>Line of its first member in the XML file.</summary>
    public long Line { get; private set; }

    /// <summary>Adds a <c>member</c> element of the type.</summary>
    public void Add(XElement member, bool isTypeItself)
    {
        Line = Line == 0 ? ((IXmlLineInfo)member).LineNumber : Line;
        if (isTypeItself)
        {
            _typeElement = member;
        }
        else
        {
            _members.Add(member);
        }
    }

    /// <summary>The text: the type, then a paragraph for each member. Empty if nothing is documented.</summary>
    public string Write()
    {
        var text = new StringBuilder();
        IReadOnlyList<string> typeParameters = TypeParameters(_typeElement);
        string container = DocumentationId.WithoutArity(DocumentationId.DeclaringType(_type));
        text.Append(DocumentationId.TypeName(_type, typeParameters));
        text.Append(container.Length == 0 ? "" : $" in {container}").Append('\n');
        int heading = text.Length;
        if (_typeElement is not null)
        {
            AppendBody(_typeElement, [], text);
        }

        // Overloads stand together and mostly share their parameters, which are explained once for all of them.
        string? family = null;
        var saidInFamily = new HashSet<string>(StringComparer.Ordinal);
        foreach (XElement member in _members)
        {
            string id = member.Attribute("name")!.Value;
            string name = DocumentationId.QualifiedName(id);
            if (name != family)
            {
                family = name;
                saidInFamily.Clear();
            }

            int start = text.Length;
            text.Append('\n').Append(Signature(id, name, member, typeParameters)).Append('\n');
            int body = text.Length;
            AppendBody(member, saidInFamily, text);
            if (text.Length == body)
            {
                text.Length = start;
            }
        }

        return text.Length == heading ? "" : text.ToString();
    }

    private static string Signature(string id, string name, XElement member, IReadOnlyList<string> typeParameters)
    {
        if (id[0] != 'M')
        {
            return DocumentationId.MemberName(name);
        }

        string[] ownTypeParameters = TypeParameters(member);
        List<string> types = DocumentationId.ParameterTypes(id, typeParameters, ownTypeParameters);
        string[] names = [.. member.Elements("param").Select(parameter => parameter.Attribute("name")?.Value ?? "")];

        // The types of function pointers are written outside the grammar; names alone must do for their few methods.
        IEnumerable<string> parameters = names.Length == types.Count ? types.Zip(names, (type, parameter) => $"{type} {parameter}") : names;
        string generic = ownTypeParameters.Length > 0 ? $"<{string.Join(", ", ownTypeParameters)}>" : "";
        return $"{DocumentationId.MemberName(name)}{generic}({string.Join(", ", parameters)})";
    }

    private static void AppendBody(XElement member, HashSet<string> said, StringBuilder text)
    {
        foreach (string line in member.Elements("summary").SelectMany(DocumentationText.Lines))
        {
            text.Append(line).Append('\n');
        }

        foreach (XElement part in member.Elements())
        {
            switch (part.Name.LocalName)
            {
                case "typeparam" or "param":
                    AppendLabelled($"{part.Attribute("name")?.Value}: ", part, said, text);
                    break;
                case "returns" or "value":
                    AppendLabelled("Returns: ", part, said, text);
                    break;
                case "exception":
                    AppendException(part, said, text);
                    break;
                case "remarks":
                    AppendLabelled("", part, said, text);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Writes a part whole or, if the family has said it already, not at all: its lines may only make sense together.</summary>
    private static void AppendLabelled(string label, XElement part, HashSet<string> said, StringBuilder text)
    {
        string content = string.Join('\n', DocumentationText.Lines(part));
        if (content.Length > 0 && said.Add(label + content))
        {
            text.Append(label).Append(content).Append('\n');
        }
    }

    /// <summary>Every condition under which the exception is thrown is a line of its own.</summary>
    private static void AppendException(XElement part, HashSet<string> said, StringBuilder text)
    {
        string id = part.Attribute("cref")?.Value ?? "";
        string type = id.Length > 2 ? DocumentationId.TypeName(id[2..], null) : "an exception";
        foreach (string condition in DocumentationText.Lines(part))
        {
            string line = $"Throws {type}: {condition}";
            if (said.Add(line))
            {
                text.Append(line).Append('\n');
            }
        }
    }

    private static string[] TypeParameters(XElement? member) =>
        member is null ? [] : [.. member.Elements("typeparam").Select(parameter => parameter.Attribute("name")?.Value ?? "T")];
}

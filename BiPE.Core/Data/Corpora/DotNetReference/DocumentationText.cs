using System.Text;
using System.Xml.Linq;

namespace BiPE.Core.Data.Corpora.DotNetReference;

/// <summary>Turns the mixed content of a documentation element into lines of plain text.</summary>
internal static class DocumentationText
{
    private const string OverloadPrefix = "Overload:";

    /// <summary>
    /// The lines of an element, white space made single spaces. Paragraphs, list items and blank lines of the source start a
    /// new line; references become the short names of what they refer to.
    /// </summary>
    /// <param name="element">A <c>summary</c>, <c>returns</c>, <c>param</c>, ...</param>
    public static IEnumerable<string> Lines(XElement element)
    {
        var text = new StringBuilder();
        Append(element, text);
        return text.ToString()
            .Split('\n')
            .Select(line => string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))

            // "-or-" only joins alternatives, and each has its own line here; "To be added." is an unwritten place.
            .Where(line => line.Length > 0 && line is not ("-or-" or "- or -" or "-and-" or "To be added."));
    }

    private static void Append(XElement element, StringBuilder text)
    {
        foreach (XNode node in element.Nodes())
        {
            switch (node)
            {
                case XText plain:
                    AppendPlain(plain.Value, text);
                    break;
                case XElement child:
                    AppendElement(child, text);
                    break;
                default:
                    break;
            }
        }
    }

    private static void AppendElement(XElement element, StringBuilder text)
    {
        switch (element.Name.LocalName)
        {
            case "see" or "seealso" or "xref" or "a":
                if (element.IsEmpty || element.Value.Length == 0)
                {
                    text.Append(ReferenceName(element));
                }
                else
                {
                    Append(element, text);
                }

                break;
            case "paramref" or "typeparamref":
                text.Append(element.Attribute("name")?.Value);
                break;
            case "br":
                text.Append('\n');
                break;
            case "listheader":
                break;
            case "term" when element.ElementsAfterSelf().Any():
                text.Append(Flatten(element)).Append(": ");
                break;
            case "description":
                text.Append(Flatten(element));
                break;
            case "para" or "p" or "item" or "li" or "list" or "ul":
                text.Append('\n');
                Append(element, text);
                text.Append('\n');
                break;
            default:
                Append(element, text);
                break;
        }
    }

    private static string Flatten(XElement element)
    {
        var inner = new StringBuilder();
        Append(element, inner);
        return inner.Replace('\n', ' ').ToString().Trim();
    }

    /// <summary>Single line feeds only fold the source; a blank line ends a paragraph.</summary>
    private static void AppendPlain(string value, StringBuilder text)
    {
        int line = 0;
        bool ended = false;
        foreach (string part in value.Split('\n'))
        {
            if (line > 0)
            {
                bool isBlank = string.IsNullOrWhiteSpace(part);
                text.Append(isBlank && !ended ? '\n' : ' ');
                ended = isBlank;
            }

            text.Append(part.TrimEnd('\r'));
            line++;
        }
    }

    private static string ReferenceName(XElement element)
    {
        if (element.Attribute("langword")?.Value is { } word)
        {
            return word.StartsWith("T:", StringComparison.Ordinal) ? DocumentationId.TypeName(word[2..], null) : word;
        }

        if ((element.Attribute("cref") ?? element.Attribute("uid"))?.Value is not { Length: > 2 } id)
        {
            return element.Attribute("href")?.Value ?? "";
        }

        // "Overload:" names a whole family of methods.
        if (id.StartsWith(OverloadPrefix, StringComparison.Ordinal))
        {
            id = $"M:{id[OverloadPrefix.Length..]}";
        }

        if (id[1] != ':')
        {
            return id;
        }

        string name = DocumentationId.QualifiedName(id);
        return id[0] switch
        {
            'T' => DocumentationId.TypeName(name, null),
            'N' => name,
            'M' => $"{OwnerName(name)}.{DocumentationId.MemberName(name)}",
            'P' or 'F' or 'E' => $"{OwnerName(name)}.{name[(name.LastIndexOf('.') + 1)..]}",
            _ => name,
        };
    }

    private static string OwnerName(string qualifiedName) => DocumentationId.TypeName(DocumentationId.DeclaringType(qualifiedName), null);
}

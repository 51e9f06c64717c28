using System.Xml;
using System.Xml.Linq;

namespace BiPE.Core.Data.Corpora.DotNetReference;

/// <summary>
/// The .NET reference documentation that every SDK installs (the XML files of the Microsoft.NETCore.App.Ref pack) as plain
/// English text: one document a type, one paragraph a member, one line a statement. The set of a document is its assembly.
/// </summary>
public sealed class DotNetReferenceCorpus : ICorpus
{
    /// <summary>
    /// Hardware intrinsics: thousands of members whose whole text is an instruction and a C signature, which differ by a
    /// letter. A seventh of the files' bytes, and hardly a sentence in it.
    /// </summary>
    private const string LeftOut = "System.Runtime.Intrinsics";

    private readonly FileInfo[] _files;

    private DotNetReferenceCorpus(string folder, FileInfo[] files)
    {
        Name = folder;
        _files = files;
    }

    /// <summary>The folder of XML files.</summary>
    public string Name { get; }

    /// <summary>Finds the documentation of the newest .NET on this machine.</summary>
    /// <exception cref="BipeException">There is no .NET SDK, or its documentation cannot be listed.</exception>
    public static DotNetReferenceCorpus Find() => Find(DotNetReferencePack.InstallationRoots());

    /// <summary>Finds the documentation below one of the given folders.</summary>
    /// <param name="roots">Folders in which <c>dotnet</c> may be installed; the first that has the pack is taken.</param>
    /// <exception cref="BipeException">None of them has the pack, or it cannot be listed.</exception>
    public static DotNetReferenceCorpus Find(IEnumerable<string> roots)
    {
        ArgumentNullException.ThrowIfNull(roots);
        try
        {
            return DotNetReferencePack.Find(roots) is { } folder
                ? Open(folder)
                : throw new BipeException("There is no .NET SDK on this machine whose reference documentation could be the text (packs/Microsoft.NETCore.App.Ref); give your own text with --data PATH.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot list the documentation of the .NET SDK: {e.Message} Give your own text with --data PATH.", e);
        }
    }

    /// <summary>Opens a folder of XML documentation files.</summary>
    /// <param name="folder">The folder, as <c>packs/Microsoft.NETCore.App.Ref/VERSION/ref/net10.0</c>.</param>
    /// <exception cref="BipeException">The folder is missing or has no XML file.</exception>
    public static DotNetReferenceCorpus Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var directory = new DirectoryInfo(folder);
        FileInfo[] files = directory.Exists ? directory.GetFiles("*.xml") : [];
        files = [.. files.Where(file => Path.GetFileNameWithoutExtension(file.Name) != LeftOut).OrderBy(file => file.Name, StringComparer.Ordinal)];
        return files.Length > 0
            ? new DotNetReferenceCorpus(folder, files)
            : throw new BipeException($"The folder '{folder}' has no XML documentation; give your own text with --data PATH.");
    }

    /// <inheritdoc/>
    public IEnumerable<Document> Read(CorpusReading reading, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(reading);
        reading.Begin(_files.Sum(file => file.Length));
        foreach (FileInfo file in _files)
        {
            cancellation.ThrowIfCancellationRequested();
            string assembly = Path.GetFileNameWithoutExtension(file.Name);
            foreach (TypeDocument type in ReadTypes(file.FullName))
            {
                cancellation.ThrowIfCancellationRequested();
                string text = type.Write();
                if (text.Length > 0)
                {
                    reading.CountTaken(assembly);
                    yield return new Document(text, assembly, file.FullName, type.Line);
                }
            }

            reading.CountBytes(file.Length);
        }

        if (reading.Documents == 0)
        {
            throw new BipeException($"The XML files in '{Name}' document nothing; give your own text with --data PATH.");
        }
    }

    /// <summary>The types of a file, in the order of their first member.</summary>
    private static List<TypeDocument> ReadTypes(string file)
    {
        try
        {
            var types = new List<TypeDocument>();
            var byName = new Dictionary<string, TypeDocument>(StringComparer.Ordinal);
            foreach (XElement member in XDocument.Load(file, LoadOptions.SetLineInfo | LoadOptions.PreserveWhitespace).Descendants("member"))
            {
                // Explicit implementations ("System#IDisposable#Dispose") repeat what the interface says.
                string id = member.Attribute("name")?.Value ?? "";
                string name = id.Length > 2 ? DocumentationId.QualifiedName(id) : "";
                if (id.Length < 3 || id[1] != ':' || (name.Contains('#') && !name.EndsWith("#ctor", StringComparison.Ordinal)))
                {
                    continue;
                }

                string owner = id[0] == 'T' ? name : DocumentationId.DeclaringType(name);
                if (!byName.TryGetValue(owner, out TypeDocument? type))
                {
                    byName[owner] = type = new TypeDocument(owner);
                    types.Add(type);
                }

                type.Add(member, isTypeItself: id[0] == 'T');
            }

            return types;
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read '{file}': {e.Message}", e);
        }
    }
}

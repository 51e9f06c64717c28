using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace BiPE.Core.Data;

/// <summary>The <c>index.json</c> of a token shard: what its binary files hold and how to check them.</summary>
public sealed record TokenShardIndex
{
    /// <summary>The only value of <see cref="Format"/>.</summary>
    public const string FormatName = "bipe-tokens";

    /// <summary>The only value of <see cref="Version"/> that this library reads and writes.</summary>
    public const int CurrentVersion = 2;

    /// <summary>Name of the index file in the shard's folder.</summary>
    internal const string FileName = "index.json";

    private static readonly Regex FileNameOfPart = new(@"^(tokens|documents)-[0-9]{5,}\.bin$", RegexOptions.CultureInvariant);

    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Tells token shards from other JSON files: <see cref="FormatName"/>.</summary>
    public required string Format { get; init; }

    /// <summary>Version of the format, <see cref="CurrentVersion"/>.</summary>
    public required int Version { get; init; }

    /// <summary><see cref="Tokenization.ITokenizer.Kind"/> of the tokenizer.</summary>
    public required string TokenizerKind { get; init; }

    /// <summary><see cref="Tokenization.ITokenizer.Fingerprint"/> of the tokenizer.</summary>
    public required string TokenizerFingerprint { get; init; }

    /// <summary>Number of ids of the tokenizer.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Bytes of one id in the token file: 2 for vocabularies of at most 65536 ids, else 4.</summary>
    public required int ElementBytes { get; init; }

    /// <summary>Bytes of token ids at which a part was ended, with the document that reached them.</summary>
    public required long PartBytes { get; init; }

    /// <summary>Number of tokens, begin-of-sentence tokens included.</summary>
    public required long TokenCount { get; init; }

    /// <summary>Number of documents.</summary>
    public required long DocumentCount { get; init; }

    /// <summary>Bytes of the text in UTF-8.</summary>
    public required long TextBytes { get; init; }

    /// <summary>Counts by set name; documents without a set are under <see cref="Corpora.CorpusReading.NoSet"/>.</summary>
    public required IReadOnlyDictionary<string, TokenSetCounts> Sets { get; init; }

    /// <summary>Broken lines of the corpus that were skipped.</summary>
    public required long BrokenLines { get; init; }

    /// <summary>The parts, in order.</summary>
    public required IReadOnlyList<TokenShardPart> Parts { get; init; }

    /// <summary>Hash of all tokens: that of the only token file, or XXH3 (64 bits, hexadecimal) of the hashes of all.</summary>
    public string TokensHash => Parts.Count == 1
        ? Parts[0].TokensHash
        : Convert.ToHexStringLower(XxHash3.Hash(Encoding.UTF8.GetBytes(string.Concat(Parts.Select(part => part.TokensHash)))));

    /// <summary>Name of the token file of a part.</summary>
    /// <param name="part">Number of the part, from 0.</param>
    internal static string TokensFileName(int part) => string.Create(CultureInfo.InvariantCulture, $"tokens-{part:D5}.bin");

    /// <summary>Name of a part's file of document starts.</summary>
    /// <param name="part">Number of the part, from 0.</param>
    internal static string DocumentsFileName(int part) => string.Create(CultureInfo.InvariantCulture, $"documents-{part:D5}.bin");

    /// <summary>Paths of all files in a folder that are called like those of parts.</summary>
    internal static IEnumerable<string> FilesOfParts(string folder) => Directory.GetFiles(folder).Where(IsFileOfPart);

    /// <summary>Whether a file is called like one of a part.</summary>
    /// <param name="path">The file.</param>
    internal static bool IsFileOfPart(string path) => FileNameOfPart.IsMatch(Path.GetFileName(path));

    /// <summary>Paths of the files of the first parts.</summary>
    internal static IEnumerable<string> FilesOfParts(string folder, int count) =>
        Enumerable.Range(0, count).SelectMany(part => new[] { Path.Combine(folder, TokensFileName(part)), Path.Combine(folder, DocumentsFileName(part)) });

    /// <summary>Bytes of one id for a vocabulary.</summary>
    /// <param name="vocabularySize">Number of ids.</param>
    internal static int ElementBytesFor(int vocabularySize) => vocabularySize <= ushort.MaxValue + 1 ? sizeof(ushort) : sizeof(int);

    internal string ToJson() => JsonSerializer.Serialize(this, JsonOptions) + "\n";

    /// <summary>Reads and checks an index.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BipeException">It cannot be read, is no index, is of another version, or contradicts itself.</exception>
    internal static TokenShardIndex Load(string path)
    {
        TokenShardIndex index;
        try
        {
            using FileStream stream = File.OpenRead(path);
            using JsonDocument json = JsonDocument.Parse(stream);
            CheckFormat(json.RootElement, path);
            index = json.Deserialize<TokenShardIndex>(JsonOptions)!;
        }
        catch (JsonException e)
        {
            throw new BipeException($"'{path}' is no index of a token shard ({e.Message}) Tokenize the text again with 'bipe data tokenize'.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read '{path}': {e.Message}", e);
        }

        // The upper bounds keep the products of the files' sizes inside 64 bits.
        bool consistent = index.Parts.All(part => part is not null)
            && index.Sets.Values.All(set => set is not null)
            && index.VocabularySize > 0
            && index.ElementBytes == ElementBytesFor(index.VocabularySize)
            && index.TokenCount is > 0 and < long.MaxValue / 16
            && index.DocumentCount > 0
            && index.DocumentCount <= index.TokenCount
            && index.Parts.All(part => part.TokenCount > 0 && part.DocumentCount > 0 && part.DocumentCount <= part.TokenCount && part.TokenCount <= index.TokenCount)
            && index.Parts.Aggregate((Int128)0, (sum, part) => sum + part.TokenCount) == index.TokenCount
            && index.Parts.Aggregate((Int128)0, (sum, part) => sum + part.DocumentCount) == index.DocumentCount
            && index.Sets.Values.All(set => set.Documents > 0 && set.Tokens >= 0 && set.TextBytes >= 0)
            && index.Sets.Values.Aggregate((Int128)0, (sum, set) => sum + set.Documents) == index.DocumentCount
            && index.Sets.Values.Aggregate((Int128)0, (sum, set) => sum + set.Tokens) == index.TokenCount
            && index.Sets.Values.Aggregate((Int128)0, (sum, set) => sum + set.TextBytes) == index.TextBytes;
        return consistent
            ? index
            : throw new BipeException($"'{path}' contradicts itself: {index.TokenCount} tokens of {index.ElementBytes} bytes in {index.DocumentCount} documents, {index.Parts.Count} parts and {index.Sets.Count} sets, vocabulary {index.VocabularySize}; tokenize the text again with 'bipe data tokenize'.");
    }

    /// <summary>Whether a file is the index of a token shard, of whatever version and state.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BipeException">It cannot be read.</exception>
    internal static bool IsIndex(string path) => FindFormat(path) == true;

    /// <summary>Whether a file is JSON of something else.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BipeException">It cannot be read.</exception>
    internal static bool IsForeign(string path) => FindFormat(path) == false;

    /// <summary>Whether a file has the format; null if it is no JSON at all.</summary>
    private static bool? FindFormat(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            using JsonDocument json = JsonDocument.Parse(stream);
            return HasFormat(json.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read '{path}': {e.Message}", e);
        }
    }

    private static bool HasFormat(JsonElement root) => root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty("format", out JsonElement format)
        && format.ValueKind == JsonValueKind.String
        && format.ValueEquals(FormatName);

    /// <summary>Looks at format and version before anything else, because other versions may have other fields.</summary>
    private static void CheckFormat(JsonElement root, string path)
    {
        if (!HasFormat(root))
        {
            throw new BipeException($"'{path}' is no index of a token shard: it has no \"format\": \"{FormatName}\"; make a shard with 'bipe data tokenize'.");
        }

        bool isCurrent = root.TryGetProperty("version", out JsonElement version)
            && version.ValueKind == JsonValueKind.Number
            && version.TryGetInt32(out int number)
            && number == CurrentVersion;
        if (isCurrent)
        {
            return;
        }

        throw new BipeException($"'{path}' is not of version {CurrentVersion} of the token shard format, the only one this program reads; tokenize the text again with 'bipe data tokenize'.");
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace BiPE.Core.Data;

/// <summary>The <c>index.json</c> of a token shard: what its binary files hold and how to check them.</summary>
public sealed record TokenShardIndex
{
    /// <summary>The only value of <see cref="Format"/>.</summary>
    public const string FormatName = "bipe-tokens";

    /// <summary>The only value of <see cref="Version"/> that this library reads and writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Name of the index file in the shard's folder.</summary>
    internal const string FileName = "index.json";

    /// <summary>Name of the file of token ids.</summary>
    internal const string TokensFileName = "tokens-00000.bin";

    /// <summary>Name of the file of document starts: the index of each document's first token, 64 bits, little endian.</summary>
    internal const string DocumentsFileName = "documents.bin";

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

    /// <summary>Number of tokens, begin-of-sentence tokens included.</summary>
    public required long TokenCount { get; init; }

    /// <summary>Number of documents.</summary>
    public required long DocumentCount { get; init; }

    /// <summary>Bytes of the text in UTF-8.</summary>
    public required long TextBytes { get; init; }

    /// <summary>XXH3 (64 bits, hexadecimal) of the token file.</summary>
    public required string TokensHash { get; init; }

    /// <summary>XXH3 (64 bits, hexadecimal) of the file of document starts.</summary>
    public required string DocumentsHash { get; init; }

    /// <summary>Counts by set name; documents without a set are under <see cref="Corpora.CorpusReading.NoSet"/>.</summary>
    public required IReadOnlyDictionary<string, TokenSetCounts> Sets { get; init; }

    /// <summary>Broken lines of the corpus that were skipped.</summary>
    public required long BrokenLines { get; init; }

    /// <summary>Bytes of the token file.</summary>
    [JsonIgnore]
    public long TokensFileBytes => TokenCount * ElementBytes;

    /// <summary>Bytes of the file of document starts.</summary>
    [JsonIgnore]
    public long DocumentsFileBytes => DocumentCount * sizeof(long);

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
        bool consistent = index.VocabularySize > 0
            && index.ElementBytes == ElementBytesFor(index.VocabularySize)
            && index.TokenCount is > 0 and < long.MaxValue / 16
            && index.DocumentCount > 0
            && index.DocumentCount <= index.TokenCount;
        return consistent
            ? index
            : throw new BipeException($"'{path}' contradicts itself: {index.TokenCount} tokens of {index.ElementBytes} bytes in {index.DocumentCount} documents, vocabulary {index.VocabularySize}; tokenize the text again with 'bipe data tokenize'.");
    }

    /// <summary>Looks at format and version before anything else, because other versions may have other fields.</summary>
    private static void CheckFormat(JsonElement root, string path)
    {
        bool isIndex = root.ValueKind == JsonValueKind.Object
            && root.TryGetProperty("format", out JsonElement format)
            && format.ValueKind == JsonValueKind.String
            && format.ValueEquals(FormatName);
        if (!isIndex)
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

using System.Text.Json;
using System.Text.Json.Nodes;
using BiPE.Core.Checkpoints;
using BiPE.Core.Model;

namespace BiPE.Core.Tokenization;

/// <summary>Opens and saves tokenizers as they lie beside a checkpoint, in Hugging Face's file names.</summary>
public static class TokenizerFolder
{
    /// <summary>The word that opens the <see cref="ByteTokenizer"/>, which needs no files.</summary>
    public const string Bytes = "bytes";

    private const string ModelFile = "tokenizer.model";
    private const string ConfigFile = "tokenizer_config.json";
    private const string ByteTokenizerClass = "BipeByteTokenizer";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Opens a tokenizer.</summary>
    /// <param name="path">
    /// A folder with <c>tokenizer.model</c> or with a <c>tokenizer_config.json</c> that <see cref="Save"/> wrote for bytes, a
    /// SentencePiece model file, or the word <c>bytes</c>. A <c>tokenizer_config.json</c> beside the model says whether a
    /// begin-of-sentence token is added; without one it is.
    /// </param>
    /// <exception cref="BipeException">Nothing is there, or what is there cannot be read.</exception>
    public static ITokenizer Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path == Bytes)
        {
            return new ByteTokenizer();
        }

        bool isFile = File.Exists(path);
        if (!isFile && !Directory.Exists(path))
        {
            throw new BipeException(
                $"There is no tokenizer at '{path}': give a folder with {ModelFile}, a {ModelFile} file, or the word '{Bytes}'.");
        }

        string modelPath = isFile ? path : Path.Combine(path, ModelFile);
        string configPath = Path.Combine(Path.GetDirectoryName(modelPath)!, ConfigFile);
        byte[]? configBytes = File.Exists(configPath) ? Read(configPath) : null;
        Config config = configBytes is null ? new Config(null, null, null) : Parse(configBytes, configPath);
        if (!isFile && config.TokenizerClass == ByteTokenizerClass)
        {
            return new ByteTokenizer();
        }

        if (!File.Exists(modelPath))
        {
            throw new BipeException(
                $"The folder '{path}' has no {ModelFile} (a SentencePiece BPE model), and no {ConfigFile} of the byte tokenizer: " +
                $"copy the model's {ModelFile} there, or name another tokenizer.");
        }

        if (config.AddsEndOfSentence == true)
        {
            throw new BipeException(
                $"'{configPath}' has add_eos_token true, but texts are scored and joined without an end-of-sentence token here: " +
                "set it to false.");
        }

        return new SentencePieceTokenizer(Read(modelPath), modelPath, config.AddsBeginOfSentence ?? true) { ConfigBytes = configBytes };
    }

    /// <summary>
    /// Writes what <see cref="Open"/> needs to open the same tokenizer from <paramref name="folder"/>: for SentencePiece
    /// <c>tokenizer.model</c> and the <c>tokenizer_config.json</c> it was opened with, byte for byte (one that Hugging Face's LLaMA
    /// tokenizer reads, if there was none); for bytes a small <c>tokenizer_config.json</c>.
    /// </summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="folder">The folder; made if missing.</param>
    /// <exception cref="BipeException">A file cannot be written.</exception>
    /// <exception cref="ArgumentException">The tokenizer is of a kind that is not known here.</exception>
    public static void Save(ITokenizer tokenizer, string folder)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        byte[]? config = null;
        string tokenizerClass = ByteTokenizerClass;
        if (tokenizer is SentencePieceTokenizer sentencePiece)
        {
            AtomicFile.Write(Path.Combine(folder, ModelFile), stream => stream.Write(sentencePiece.ModelBytes.Span));
            config = sentencePiece.ConfigBytes;
            tokenizerClass = "LlamaTokenizer";
        }
        else if (tokenizer is not ByteTokenizer)
        {
            throw new ArgumentException($"A tokenizer of kind '{tokenizer.Kind}' cannot be saved.", nameof(tokenizer));
        }

        config ??= JsonSerializer.SerializeToUtf8Bytes(
            new JsonObject
            {
                ["tokenizer_class"] = tokenizerClass,
                ["add_bos_token"] = tokenizer.AddsBeginOfSentence,
                ["add_eos_token"] = false,
                ["bos_token"] = tokenizer.Piece(tokenizer.BeginOfSentence),
                ["eos_token"] = tokenizer.Piece(tokenizer.EndOfSentence),
            },
            Indented);
        AtomicFile.Write(Path.Combine(folder, ConfigFile), stream => stream.Write(config));
    }

    private static Config Parse(byte[] bytes, string path)
    {
        GitLfsPointer.Refuse(path, bytes);
        try
        {
            using var document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new BipeException(
                    $"'{path}' holds {document.RootElement.ValueKind} at its top, expected a JSON object: replace it by the tokenizer's own file.");
            }

            var section = new ConfigSection($"'{path}'", "", document.RootElement);
            return new Config(section.Text("tokenizer_class"), section.Truth("add_bos_token"), section.Truth("add_eos_token"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new BipeException($"'{path}' is not valid JSON ({e.Message.TrimEnd('.')}): replace it by the tokenizer's own file.", e);
        }
    }

    private static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read '{path}': {e.Message} Check the file and its permissions.", e);
        }
    }

    private sealed record Config(string? TokenizerClass, bool? AddsBeginOfSentence, bool? AddsEndOfSentence);
}

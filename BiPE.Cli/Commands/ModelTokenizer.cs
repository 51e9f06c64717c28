using BiPE.Core;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary>The tokenizer that a model's folder may have.</summary>
internal static class ModelTokenizer
{
    private static readonly string[] Files = ["tokenizer.model", "tokenizer_config.json"];

    /// <summary>Opens it; null if the folder has none.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <exception cref="BipeException">It cannot be read.</exception>
    public static ITokenizer? Find(string folder) =>
        Array.Exists(Files, file => File.Exists(Path.Combine(folder, file))) ? TokenizerFolder.Open(folder) : null;
}

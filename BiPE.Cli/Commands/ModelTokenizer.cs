using BiPE.Core;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary>The tokenizer in a model's folder.</summary>
internal static class ModelTokenizer
{
    /// <summary>Opens it; null if the folder has none.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <exception cref="BipeException">It cannot be read.</exception>
    public static ITokenizer? Find(string folder) => TokenizerFolder.IsTokenizer(folder) ? TokenizerFolder.Open(folder) : null;

    /// <summary>Opens it.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <exception cref="BipeException">The folder has none, or it cannot be read.</exception>
    public static ITokenizer Open(string folder) => TokenizerFolder.Open(folder);
}

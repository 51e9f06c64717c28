using BiPE.Core.Tokenization;
using FsCheck;
using FsCheck.Fluent;

namespace BiPE.Core.Tests.Tokenization;

internal static class TokenizerTestExtensions
{
    public static List<int> Encode(this ITokenizer tokenizer, string text)
    {
        var ids = new List<int>();
        tokenizer.Encode(text, ids);
        return ids;
    }

    public static string[] Pieces(this ITokenizer tokenizer, string text) => [.. tokenizer.Encode(text).Select(tokenizer.Piece)];

    public static SentencePieceTokenizer Open(this TinySentencePiece model) => new(model.ToBytes(), "tiny.model");

    /// <summary>Checks a property with the same random values in every run.</summary>
    public static void CheckFixed(this Property property, int tests = 500) =>
        property.Check(Config.QuickThrowOnFailure
            .WithMaxTest(tests)
            .WithQuietOnSuccess(true)
            .WithReplay(new Replay(new Rnd(20240229UL, 1UL), null)));
}

namespace BiPE.Core.Hub;

/// <summary>The environment variables that Hugging Face's own tools read.</summary>
internal static class HubEnvironment
{
    public static string? Endpoint => Read("HF_ENDPOINT");

    public static string? ReadToken()
    {
        if ((Read("HF_TOKEN") ?? Read("HUGGING_FACE_HUB_TOKEN")) is { } token)
        {
            return RequireToken(token, "HF_TOKEN");
        }

        string file = Read("HF_TOKEN_PATH") ?? Path.Combine(Home(), "token");
        try
        {
            string text = File.Exists(file) ? File.ReadAllText(file).Trim() : "";
            return text.Length == 0 ? null : RequireToken(text, $"The token file '{file}'");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read the token file '{file}': {e.Message} Set HF_TOKEN, or HF_TOKEN_PATH to another file.", e);
        }
    }

    private static string Home()
    {
        string? cache = Read("XDG_CACHE_HOME");
        string user = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Read("HF_HOME") ?? Path.Combine(cache ?? Path.Combine(user, ".cache"), "huggingface");
    }

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name)?.Trim() is { Length: > 0 } value ? value : null;

    /// <summary>A header cannot carry anything else; the token itself is never shown.</summary>
    private static string RequireToken(string token, string origin) => token.All(character => character is > ' ' and < '\x7f')
        ? token
        : throw new BipeException($"{origin} holds characters that no token has; copy the token again.");
}

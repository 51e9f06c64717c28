namespace BiPE.Cli.Console;

/// <summary>The streams of the process, or those that a caller within the process put in their place.</summary>
internal static class StandardStreams
{
    private static readonly AsyncLocal<CommandStreams?> Replacement = new();

    /// <summary>Text of results.</summary>
    public static TextWriter Output => Replacement.Value?.OutputText ?? System.Console.Out;

    /// <summary>Text of everything else.</summary>
    public static TextWriter Error => Replacement.Value?.Error ?? System.Console.Error;

    /// <summary>Whether results go elsewhere than to a terminal.</summary>
    public static bool IsOutputRedirected => Replacement.Value is not null || System.Console.IsOutputRedirected;

    /// <summary>Whether everything else goes elsewhere than to a terminal.</summary>
    public static bool IsErrorRedirected => Replacement.Value is not null || System.Console.IsErrorRedirected;

    /// <summary>Opens the input for bytes.</summary>
    public static Stream OpenInput() => Replacement.Value?.Input ?? System.Console.OpenStandardInput();

    /// <summary>Opens the results for bytes.</summary>
    public static Stream OpenOutput() => Replacement.Value?.Output ?? System.Console.OpenStandardOutput();

    /// <summary>Puts other streams in the place of the process's, for the calling task and the threads that it starts.</summary>
    /// <param name="streams">The streams.</param>
    public static void Replace(CommandStreams streams) => Replacement.Value = streams;
}

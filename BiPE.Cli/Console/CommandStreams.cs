namespace BiPE.Cli.Console;

/// <summary>Streams of a command that runs within another program.</summary>
/// <param name="Input">Standard input.</param>
/// <param name="Output">Standard output; a command may dispose it.</param>
/// <param name="OutputText">Standard output as text.</param>
/// <param name="Error">Standard error.</param>
internal sealed record CommandStreams(Stream Input, Stream Output, TextWriter OutputText, TextWriter Error);

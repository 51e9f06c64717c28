namespace BiPE.Cli.Report;

/// <summary>Which part of a text its place means.</summary>
internal enum TextAnchor
{
    Start,
    Middle,
    End,
}

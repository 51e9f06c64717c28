using Spectre.Console;
using Spectre.Console.Rendering;

namespace BiPE.Cli.Console;

/// <summary>The text behind a bar.</summary>
internal sealed class ProgressDetailsColumn : ProgressColumn
{
    private volatile string _text = "";

    /// <summary>What to show; the bar is drawn by another thread.</summary>
    public string Text
    {
        get => _text;
        set => _text = value;
    }

    protected override bool NoWrap => true;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(Text);
}

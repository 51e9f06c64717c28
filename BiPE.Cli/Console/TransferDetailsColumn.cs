using Spectre.Console;
using Spectre.Console.Rendering;

namespace BiPE.Cli.Console;

/// <summary>The text behind each of several bars, which is the bar's tag.</summary>
internal sealed class TransferDetailsColumn : ProgressColumn
{
    protected override bool NoWrap => true;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(task.Tag as string ?? "");
}

using Spectre.Console;

namespace BiPE.Cli.Console;

/// <summary>Runs a long work with a moving bar on a terminal, and with a plain line now and then elsewhere.</summary>
internal static class ProgressDisplay
{
    /// <summary>Runs the work.</summary>
    /// <typeparam name="T">Its result.</typeparam>
    /// <param name="title">What it is, for instance "tokenizing".</param>
    /// <param name="work">The work; it reports to the view.</param>
    public static T Run<T>(string title, Func<IProgressView, T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (!Terminal.ErrorIsInteractive)
        {
            return work(new PlainProgressView(title, StandardStreams.Error, TimeProvider.System));
        }

        var details = new ProgressDetailsColumn();
        return Terminal.ErrorConsole.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), details)
            .Start(context => work(new BarProgressView(Terminal.ErrorConsole, context.AddTask(Markup.Escape(title)), details)));
    }
}

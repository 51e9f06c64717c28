using BiPE.Core.Hub;
using Spectre.Console;

namespace BiPE.Cli.Console;

/// <summary>Runs a fetch with a bar for all and one for each file on its way; elsewhere than on a terminal, with a line now and then.</summary>
internal static class FetchDisplay
{
    private const string Title = "fetching";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs the fetch to its end.</summary>
    public static void Run(HubFetch fetch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(fetch);
        if (!Terminal.ErrorIsInteractive)
        {
            Watch(fetch, new PlainProgressView(Title, StandardStreams.Error, TimeProvider.System), null, cancellation);
            return;
        }

        Terminal.ErrorConsole.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new TransferDetailsColumn())
            .Start(context =>
            {
                var bars = new TransferBars(context, Title);
                Watch(fetch, bars, bars, cancellation);
            });
    }

    /// <summary>Writes a line that stays, above the bars if there are any.</summary>
    public static void WriteNote(string line)
    {
        if (Terminal.ErrorIsInteractive)
        {
            Terminal.ErrorConsole.WriteLine(Terminal.OneLine(line));
        }
        else
        {
            Terminal.Note(line);
        }
    }

    private static void Watch(HubFetch fetch, IProgress<ProgressState> total, TransferBars? bars, CancellationToken cancellation)
    {
        var rate = new TransferRate(TimeProvider.System);
        Task work = Task.Run(() => fetch.RunAsync(cancellation), CancellationToken.None);
        while (Task.WaitAny([work], Interval) < 0)
        {
            int whole = fetch.Transfers.Count(transfer => transfer.State is HubTransferState.Fetched or HubTransferState.Present);
            string speed = Quantity.Bytes(rate.Update(fetch.BytesReceived));
            total.Report(new ProgressState(fetch.BytesDone, fetch.TotalBytes, $"{speed}/s, {whole} of {fetch.Transfers.Count} files"));
            bars?.Update(fetch.Transfers);
        }

        work.GetAwaiter().GetResult();
    }
}

using BiPE.Core.Hub;
using Spectre.Console;

namespace BiPE.Cli.Console;

/// <summary>A bar for all files, and below it one for each that is on its way.</summary>
internal sealed class TransferBars : IProgress<ProgressState>
{
    private const int LongestName = 40;

    private readonly ProgressContext _context;
    private readonly ProgressTask _total;
    private readonly RemainingTime _remaining = new(TimeProvider.System);
    private readonly Dictionary<HubTransfer, ProgressTask> _bars = [];

    public TransferBars(ProgressContext context, string title)
    {
        _context = context;
        _total = context.AddTask(Markup.Escape(title));
    }

    public void Report(ProgressState value)
    {
        string eta = _remaining.Describe(value);
        Show(_total, value.Done, value.Total, eta.Length == 0 ? value.Details : $"{value.Details}  {eta}");
    }

    /// <summary>Shows the files that are on their way, and no others.</summary>
    public void Update(IReadOnlyList<HubTransfer> transfers)
    {
        foreach (HubTransfer transfer in transfers)
        {
            bool isActive = transfer.State is HubTransferState.Checking or HubTransferState.Fetching;
            if (!isActive)
            {
                if (_bars.Remove(transfer, out ProgressTask? finished))
                {
                    _context.RemoveTask(finished);
                }

                continue;
            }

            if (!_bars.TryGetValue(transfer, out ProgressTask? bar))
            {
                _bars[transfer] = bar = _context.AddTask(Markup.Escape(Shorten(transfer.File.Path)));
            }

            long done = transfer.BytesDone;
            string verb = transfer.State == HubTransferState.Checking ? "checking " : "";
            Show(bar, done, transfer.File.Size, $"{verb}{Quantity.Bytes(done)} of {Quantity.Bytes(transfer.File.Size)}");
        }
    }

    private static void Show(ProgressTask bar, double done, double total, string details)
    {
        bar.MaxValue = Math.Max(total, 1);

        bar.Value = Math.Min(done, bar.MaxValue);
        bar.Tag = details;
    }

    private static string Shorten(string path) => path.Length <= LongestName ? path : $"...{path[^(LongestName - 3)..]}";
}

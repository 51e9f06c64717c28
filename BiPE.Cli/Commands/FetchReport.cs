using BiPE.Cli.Console;
using BiPE.Core.Hub;

namespace BiPE.Cli.Commands;

/// <summary>Tells what a fetch would do or did.</summary>
internal static class FetchReport
{
    /// <summary>Lists the files, for <c>--dry-run</c>.</summary>
    public static void WriteList(HubFetch fetch, string folder)
    {
        var table = new ResultTable("file", "bytes", "there");
        foreach (HubTransfer transfer in fetch.Transfers)
        {
            table.AddRow(transfer.File.Path, Quantity.Whole(transfer.File.Size), DescribePresence(transfer));
        }

        table.AddRow("all", Quantity.Whole(fetch.TotalBytes), "");
        table.Write();
        HubSnapshot snapshot = fetch.Snapshot;
        Terminal.WriteResult(
            $"{snapshot.Repository} at commit {snapshot.Commit}: {fetch.Transfers.Count} files, {Quantity.Bytes(fetch.TotalBytes)}, of which {Quantity.Bytes(fetch.MissingBytes)} would be fetched to {folder}.");
    }

    /// <summary>Says what was fetched.</summary>
    public static void WriteSummary(HubFetch fetch, string folder, TimeSpan elapsed)
    {
        int present = fetch.Transfers.Count(transfer => transfer.State == HubTransferState.Present);
        int fetched = fetch.Transfers.Count - present;
        string rate = Quantity.Bytes(fetch.BytesReceived / elapsed.TotalSeconds);
        string news = fetched == 0 ? "Nothing to fetch" : $"Fetched {Count(fetched)} ({Quantity.Bytes(fetch.BytesReceived)} in {Quantity.Duration(elapsed)}, {rate}/s)";
        string rest = present == 0 ? "" : $", {Count(present)} {(present == 1 ? "was" : "were")} there";
        Terminal.WriteResult($"{news}{rest}: {folder} has {fetch.Snapshot.Repository} at commit {fetch.Snapshot.Commit}.");
    }

    /// <summary>The result for machines.</summary>
    public static object Create(HubFetch fetch, string folder, TimeSpan? elapsed) => new
    {
        fetch.Snapshot.Repository,
        Type = fetch.Snapshot.Type.ToString().ToLowerInvariant(),
        fetch.Snapshot.Revision,
        fetch.Snapshot.Commit,
        Output = folder,
        fetch.TotalBytes,
        fetch.MissingBytes,
        fetch.BytesReceived,
        elapsed?.TotalSeconds,
        Files = fetch.Transfers.Select(transfer => new
        {
            transfer.File.Path,
            transfer.File.Size,
            transfer.File.Sha256,
            transfer.File.GitSha1,
            State = transfer.State.ToString().ToLowerInvariant(),
            transfer.BytesDone,
        }),
    };

    private static string DescribePresence(HubTransfer transfer) => transfer switch
    {
        { State: HubTransferState.Present } => "whole",
        { BytesDone: 0 } => File.Exists(transfer.LocalPath) ? "to be checked" : "",
        _ => Quantity.Whole(transfer.BytesDone),
    };

    private static string Count(int files) => files == 1 ? "1 file" : $"{Quantity.Whole(files)} files";
}

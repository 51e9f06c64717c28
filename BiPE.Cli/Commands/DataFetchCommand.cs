using System.CommandLine;
using System.Diagnostics;
using BiPE.Cli.Console;
using BiPE.Core.Hub;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe data fetch</c>.</summary>
internal sealed class DataFetchCommand : BipeCommand
{
    private readonly FetchSelection _selection;

    private readonly Option<string?> _endpoint = new("--endpoint")
    {
        Description = "Address of the hub or of a mirror. [default: HF_ENDPOINT, else https://huggingface.co]",
        HelpName = "URL",
    };

    private readonly Option<long?> _retries = CommonOptions.Integer(
        "--retries", "How often in a row to repeat what failed without progress, after growing pauses. [default: 8]", 0, 1000);

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only list the files, their sizes and what of them is there already." };
    private readonly Option<string?> _json = CommonOptions.Json();

    public DataFetchCommand()
        : base(
            "fetch",
            "Downloads a data set or model of the Hugging Face hub, by default the Pile; partial files are gone on with, whole ones checked.",
            "bipe data fetch --dry-run",
            "bipe data fetch --include val.jsonl.zst test.jsonl.zst --output pile",
            "bipe data fetch --include 'train/0[0-3].jsonl.zst' --parallel 2 --output pile",
            "bipe data fetch --repo hzy00/BiPE_RoPE-151M --type model --output models/bipe_rope")
    {
        _selection = new FetchSelection(this);
        Options.Add(_endpoint);
        Options.Add(_retries);
        Options.Add(_dryRun);
        Options.Add(_json);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string? json = parsed.GetValue(_json);
        JsonResult.RequireWritable(json);
        HubRequest request = _selection.Read(parsed);
        HubOptions options = HubOptions.FromEnvironment(parsed.GetValue(_endpoint));
        if (parsed.GetValue(_retries) is { } retries)
        {
            options = options with { Retries = (int)retries };
        }

        using HubFetch fetch = HubFetch.PrepareAsync(options, request, FetchDisplay.WriteNote, cancellation).GetAwaiter().GetResult();
        bool isDry = parsed.GetValue(_dryRun);
        var watch = Stopwatch.StartNew();
        if (!isDry)
        {
            Run(fetch, request.Folder, cancellation);
        }

        if (json != JsonResult.StandardOutput)
        {
            if (isDry)
            {
                FetchReport.WriteList(fetch, request.Folder);
            }
            else
            {
                FetchReport.WriteSummary(fetch, request.Folder, watch.Elapsed);
            }
        }

        if (json is not null)
        {
            JsonResult.Write(json, FetchReport.Create(fetch, request.Folder, isDry ? null : watch.Elapsed));
        }

        return 0;
    }

    private static void Run(HubFetch fetch, string folder, CancellationToken cancellation)
    {
        try
        {
            FetchDisplay.Run(fetch, cancellation);
        }
        catch (OperationCanceledException)
        {
            Terminal.Note($"Stopped with {Quantity.Bytes(fetch.BytesDone)} of {Quantity.Bytes(fetch.TotalBytes)} in {folder}; the same command goes on from there.");
            throw;
        }
    }
}

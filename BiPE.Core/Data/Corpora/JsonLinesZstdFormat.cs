using ZstdSharp;
using ZstdSharp.Unsafe;

namespace BiPE.Core.Data.Corpora;

/// <summary>Pile records in a zstd file of one or more frames.</summary>
internal sealed class JsonLinesZstdFormat : JsonLinesFormat
{
    /// <summary>Largest window of the format's 64-bit implementations (2 GiB), as <c>zstd --long=31</c> writes it.</summary>
    private const int MaximumWindowLog = 31;

    public override string Extension => ".jsonl.zst";

    protected override bool MayBeEmpty => false;

    protected override Stream Decompress(Stream raw)
    {
        var stream = new DecompressionStream(raw, checkEndOfStream: true, leaveOpen: false);
        stream.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaximumWindowLog);
        return stream;
    }
}

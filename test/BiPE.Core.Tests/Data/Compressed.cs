using System.IO.Compression;
using System.Text;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace BiPE.Core.Tests.Data;

/// <summary>Texts as files of the compressed corpora hold them.</summary>
internal static class Compressed
{
    public static byte[] Gzip(string text)
    {
        var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }

    public static byte[] Zstd(string text, int? windowLog = null)
    {
        var bytes = new MemoryStream();
        using (var zstd = new CompressionStream(bytes, 3))
        {
            zstd.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
            if (windowLog is { } log)
            {
                zstd.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, log);
            }

            zstd.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BiPE.Core.Hub;

/// <summary>The hash of a file's content, of the kind that the hub has of it.</summary>
internal sealed class ContentHash : IDisposable
{
    private readonly HubFile _file;
    private readonly IncrementalHash? _hash;

    /// <summary>Starts with no content.</summary>
    public ContentHash(HubFile file)
    {
        _file = file;

        // Git names small files by SHA-1; it finds transfers gone wrong, it does not prove who made them.
        _hash = file.Hash is null ? null : IncrementalHash.CreateHash(file.Sha256 is null ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256);
        Begin();
    }

    /// <summary>Forgets the content appended so far.</summary>
    public void Reset()
    {
        _hash?.GetHashAndReset();
        Begin();
    }

    public void Append(ReadOnlySpan<byte> content) => _hash?.AppendData(content);

    /// <summary>The hash in hexadecimal; null if the hub has none to compare with.</summary>
    public string? Current() => _hash is null ? null : Convert.ToHexStringLower(_hash.GetCurrentHash());

    public void Dispose() => _hash?.Dispose();

    private void Begin()
    {
        if (_file.Sha256 is null)
        {
            _hash?.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {_file.Size}\0")));
        }
    }
}

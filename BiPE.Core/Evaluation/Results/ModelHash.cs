using System.IO.Hashing;
using System.Text;

namespace BiPE.Core.Evaluation.Results;

/// <summary>Tells models apart by what decides their predictions.</summary>
public static class ModelHash
{
    private static readonly string[] Patterns = ["config.json", "model*.safetensors", "pytorch_model*.bin"];

    /// <summary>Hash of a model folder's configuration and weights (XXH3, 128 bits, hexadecimal); their names count, the folder's does not.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="BipeException">A file cannot be read.</exception>
    public static string Of(string folder, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        try
        {
            var hash = new XxHash128();
            var buffer = new byte[1 << 20];
            IEnumerable<string> files = Patterns.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern));
            foreach (string file in files.Order(StringComparer.Ordinal))
            {
                using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
                hash.Append(Encoding.UTF8.GetBytes($"{Path.GetFileName(file)} {stream.Length}\n"));
                int count;
                while ((count = stream.Read(buffer)) > 0)
                {
                    cancellation.ThrowIfCancellationRequested();
                    hash.Append(buffer.AsSpan(0, count));
                }
            }

            return Convert.ToHexStringLower(hash.GetCurrentHash());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read the model '{folder}': {e.Message}", e);
        }
    }
}

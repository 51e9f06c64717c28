using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace BiPE.Core.Data.Tokenizing;

/// <summary>
/// One thread that reads, several that encode, and the caller's, which gets the encoded chunks in the order of the text. A fixed
/// number of chunks goes round, so a slow writer stops the reader, and memory does not grow with the corpus.
/// </summary>
internal sealed class TokenizePipeline : IDisposable
{
    private readonly BlockingCollection<TextChunk> _empty = [];
    private readonly BlockingCollection<TextChunk> _toEncode = [];
    private readonly BlockingCollection<TextChunk> _inOrder = [];
    private readonly TextChunk[] _chunks;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationToken _cancellation;
    private readonly Task[] _threads;
    private ExceptionDispatchInfo? _readerFault;

    /// <summary>Starts the threads.</summary>
    /// <param name="reader">Fills the chunks.</param>
    /// <param name="encoders">One for each worker.</param>
    /// <param name="cancellation">Stops everything.</param>
    public TokenizePipeline(ChunkReader reader, IReadOnlyList<ChunkEncoder> encoders, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        // For each worker one to encode and one that waits, and one each for the reader and the writer.
        _chunks = [.. Enumerable.Range(0, (2 * encoders.Count) + 2).Select(_ => new TextChunk())];
        Array.ForEach(_chunks, _empty.Add);
        _threads = [Start(() => Read(reader)), .. encoders.Select(encoder => Start(() => Encode(encoder)))];
    }

    /// <summary>
    /// The encoded chunks in order; each is valid until the next is asked for. A fault of the reader or of a worker comes after
    /// all chunks before it.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IEnumerable<TextChunk> Chunks()
    {
        foreach (TextChunk chunk in _inOrder.GetConsumingEnumerable(_cancellation))
        {
            chunk.Encoded.Wait(_cancellation);
            if (chunk.Fault is { } fault)
            {
                ExceptionDispatchInfo.Throw(fault);
            }

            yield return chunk;
            chunk.Clear();
            _empty.Add(chunk, _cancellation);
        }

        _cancellation.ThrowIfCancellationRequested();
        _readerFault?.Throw();
    }

    /// <summary>Stops the threads and waits for them.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        Task.WaitAll(_threads);
        Array.ForEach(_chunks, chunk => chunk.Dispose());
        _empty.Dispose();
        _toEncode.Dispose();
        _inOrder.Dispose();
        _stop.Dispose();
    }

    private static Task Start(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Read(ChunkReader reader)
    {
        try
        {
            reader.Read(
                () => _empty.Take(_stop.Token),
                chunk =>
                {
                    _toEncode.Add(chunk);
                    _inOrder.Add(chunk);
                },
                _stop.Token);
        }
        catch (Exception e)
        {
            // Handed on to the writer, which first writes what came before.
            _readerFault = ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            _toEncode.CompleteAdding();
            _inOrder.CompleteAdding();
        }
    }

    private void Encode(ChunkEncoder encoder)
    {
        while (!_stop.IsCancellationRequested && _toEncode.TryTake(out TextChunk? chunk, Timeout.Infinite))
        {
            try
            {
                encoder.Encode(chunk);
            }
            catch (Exception e)
            {
                chunk.Fault = e;
            }

            chunk.Encoded.Set();
        }
    }
}

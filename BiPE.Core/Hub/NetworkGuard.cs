namespace BiPE.Core.Hub;

/// <summary>Runs single steps of a connection: each may be silent for a limited time, and what fails is told in the words of this library.</summary>
internal sealed class NetworkGuard : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenSource _source;

    /// <summary>Creates the guard of one request.</summary>
    /// <param name="limit">Longest silence.</param>
    /// <param name="cancellation">Ends steps from outside.</param>
    public NetworkGuard(TimeSpan limit, CancellationToken cancellation)
    {
        _limit = limit;
        _cancellation = cancellation;
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    }

    /// <exception cref="TransientHubFault">The step failed or took too long.</exception>
    /// <exception cref="BipeException">The server's certificate is not trusted.</exception>
    public async ValueTask<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> step)
    {
        _source.CancelAfter(_limit);
        try
        {
            T result = await step(_source.Token);
            _source.CancelAfter(Timeout.InfiniteTimeSpan);
            return result;
        }
        catch (OperationCanceledException e) when (!_cancellation.IsCancellationRequested)
        {
            throw new TransientHubFault($"sent nothing for {_limit.TotalSeconds:0.#} seconds", null, e);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            throw new BipeException($"No secure connection: {(e.InnerException ?? e).Message} If a proxy on the way opens secure connections, this system must trust its certificate.", e);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ResponseEnded)
        {
            throw new TransientHubFault("cut the connection", null, e);
        }
        catch (HttpRequestException e)
        {
            throw new TransientHubFault($"could not be reached: {e.GetBaseException().Message.TrimEnd('.')}", null, e);
        }
        catch (IOException e)
        {
            throw new TransientHubFault("cut the connection", null, e);
        }
    }

    public void Dispose() => _source.Dispose();
}

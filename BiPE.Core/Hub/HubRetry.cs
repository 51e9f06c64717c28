using Polly;
using Polly.Retry;

namespace BiPE.Core.Hub;

/// <summary>Repeats what failed for a passing reason, after pauses that double, vary at random and respect Retry-After.</summary>
internal sealed class HubRetry
{
    /// <summary>The first pause, about.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>A server that wants to be left alone for longer ends the work; the same command goes on later.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(15);

    private readonly ResiliencePipeline _pipeline;

    /// <summary>Creates the repetition of one kind of request.</summary>
    /// <param name="options">How often, and the clock.</param>
    /// <param name="subject">What is asked for, for notes.</param>
    /// <param name="note">Told of every repetition.</param>
    public HubRetry(HubOptions options, string subject, Action<string> note)
    {
        if (options.Retries == 0)
        {
            _pipeline = ResiliencePipeline.Empty;
            return;
        }

        _pipeline = new ResiliencePipelineBuilder { TimeProvider = options.Time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstPause,
                MaxDelay = LongestPause,
                ShouldHandle = arguments => ValueTask.FromResult(
                    arguments.Outcome.Exception is TransientHubFault fault && !(fault.RetryAfter > LongestRetryAfter)),
                DelayGenerator = arguments => ValueTask.FromResult((arguments.Outcome.Exception as TransientHubFault)?.RetryAfter),
                OnRetry = arguments =>
                {
                    note($"{subject}: the server {arguments.Outcome.Exception!.Message}; try {arguments.AttemptNumber + 1} of {options.Retries} in {arguments.RetryDelay.TotalSeconds:0} s.");
                    return default;
                },
            })
            .Build();
    }

    /// <summary>Runs the work until it succeeds or fails for good.</summary>
    /// <exception cref="TransientHubFault">It failed too often.</exception>
    public ValueTask<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> work, CancellationToken cancellation) =>
        _pipeline.ExecuteAsync(work, cancellation);
}

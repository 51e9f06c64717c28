namespace BiPE.Core.Hub;

/// <summary>Something that went wrong with a connection and may go right the next time.</summary>
internal sealed class TransientHubFault : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What the server or the network did, as the end of a sentence without its full stop: "answered 503".</param>
    /// <param name="retryAfter">How long the server asks to wait; null if it does not.</param>
    /// <param name="innerException">What caused it.</param>
    public TransientHubFault(string message, TimeSpan? retryAfter = null, Exception? innerException = null)
        : base(message, innerException) => RetryAfter = retryAfter;

    public TimeSpan? RetryAfter { get; }
}

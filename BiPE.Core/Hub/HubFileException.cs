namespace BiPE.Core.Hub;

/// <summary>One file cannot be fetched, which says nothing about the others.</summary>
internal sealed class HubFileException : BipeException
{
    public HubFileException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

namespace BiPE.Core;

/// <summary>
/// A fault in what the user gave (a file, a configuration, data, a flag), told in one sentence that names the thing,
/// what was found, what was wanted and what to do. The command line prints the message alone, without a stack trace.
/// </summary>
public class BipeException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">One clear sentence for the user.</param>
    /// <param name="innerException">What caused it, if another exception did.</param>
    public BipeException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

namespace BiPE.Testing.Ptx;

/// <summary>What a device would answer with a fault, with garbage or not at all: a program in PTX that is wrong, and where.</summary>
/// <param name="message">The kernel, its line, and what is wrong there.</param>
/// <param name="inner">What it came from, if from another error.</param>
public sealed class PtxFaultException(string message, Exception? inner = null) : Exception(message, inner);

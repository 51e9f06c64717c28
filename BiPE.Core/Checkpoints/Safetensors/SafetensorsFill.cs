namespace BiPE.Core.Checkpoints.Safetensors;

/// <summary>Gives a part of a tensor's elements while it is written, so that the whole need not be in memory.</summary>
/// <typeparam name="T">Element type on this side of the file: float, double or long.</typeparam>
/// <param name="first">Index of the first element wanted, in row-major order.</param>
/// <param name="destination">To be filled with the elements from <paramref name="first"/> on.</param>
public delegate void SafetensorsFill<T>(long first, Span<T> destination);

namespace BiPE.Cuda.Kernels;

/// <summary>
/// Marks a method that runs on the device, so that a test can compile every one of them for every architecture. Type parameters
/// come as an element's type and its format, and functions.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class KernelAttribute : Attribute;

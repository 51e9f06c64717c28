using System.Runtime.CompilerServices;

// The compiler of kernels for the simulated device emits code that uses the kernels' argument types.
[assembly: InternalsVisibleTo("ILGPURuntime")]
[assembly: InternalsVisibleTo("BiPE.Cuda.Tests")]
[assembly: InternalsVisibleTo("BiPE.Testing")]

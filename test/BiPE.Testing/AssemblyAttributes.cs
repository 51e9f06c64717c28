using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("BiPE.Cuda.Tests")]

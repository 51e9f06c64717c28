using BenchmarkDotNet.Running;
using BiPE.Benchmarks;

// --quick prints speeds in seconds; everything else goes to BenchmarkDotNet (for example --filter '*MatMul*').
if (args is ["--quick", ..])
{
    QuickReport.Print();
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(QuickReport).Assembly).Run(args);
}

using BenchmarkDotNet.Running;
using BiPE.Benchmarks;

// --quick prints speeds in seconds, --tokenizer those of the SentencePiece encoder; everything else goes to BenchmarkDotNet (for example --filter '*MatMul*').
if (args is ["--quick", ..])
{
    QuickReport.Print();
}
else if (args is ["--tokenizer", var model, var data, .. var python])
{
    TokenizerReport.Print(model, data, python.FirstOrDefault());
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(QuickReport).Assembly).Run(args);
}

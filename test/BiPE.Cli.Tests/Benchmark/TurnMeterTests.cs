using BiPE.Cli.Benchmark;
using BiPE.Cli.Benchmark.Cases;
using BiPE.Cli.Benchmark.Limits;
using BiPE.Core.Tensors;
using BiPE.Cpu;

namespace BiPE.Cli.Tests.Benchmark;

internal sealed class TurnMeterTests
{
    private LimitMeter _limits = null!;
    private TimingBackend _backend = null!;

    [OneTimeSetUp]
    public void Open()
    {
        _limits = new LimitMeter(threads: 2);
        _backend = new TimingBackend(new ValidatingBackend(new CpuBackend(new CpuBackendOptions { Threads = 2 })));
    }

    [OneTimeTearDown]
    public void Close()
    {
        _backend.Dispose();
        _limits.Dispose();
    }

    [TestCaseSource(typeof(OperationMeterTests), nameof(OperationMeterTests.AllCases))]
    public void EveryCaseTakesTurnsWithItsLimit(object testCase)
    {
        var operation = (OperationCase)testCase;
        TurnSamples samples = new TurnMeter(_backend, _limits).Measure(operation, new TurnPlan(WarmUp: 0, Fewest: 1, Most: 1, Seconds: 0));
        OperationRate rate = OperationRate.Of(samples, new DeviceRates(1e12, 1e11, 5e10));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(samples.Limits, Has.Count.EqualTo(1).And.All.Positive);
            Assert.That(rate.LimitRate, Is.EqualTo(samples.Limits[0]));
            Assert.That(rate.ShareOfLimit, Is.EqualTo(samples.Work / samples.Seconds[0] / samples.Limits[0]).Within(1e-12));
            Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
        }
    }

    [TestCase(1, OperationLimit.Read)]
    [TestCase(1024, OperationLimit.Peak)]
    public void AProductComesUpAgainstWhatTakesItLonger(int rows, OperationLimit expected)
    {
        var operation = new OperationCase("product", OperationLimit.Read, operands =>
        {
            Tensor product = operands.Filled(0, rows, 1024)[0];
            Tensor factor = operands.SharedRandom(rows, 1024);
            Tensor weights = operands.SharedRandom(1024, 1024);
            return _ => operands.Backend.MatMul(product, factor, weights, new MatMulOptions { TransposeB = true });
        });

        TurnSamples samples = new TurnMeter(_backend, _limits).Measure(operation, new TurnPlan(WarmUp: 0, Fewest: 1, Most: 1, Seconds: 0));

        Assert.That(samples.Limit, Is.EqualTo(expected));
    }
}

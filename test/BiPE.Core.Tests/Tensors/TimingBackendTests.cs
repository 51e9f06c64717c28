using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tests.Model;
using BiPE.Core.Tests.Training;
using BiPE.Cpu;
using BiPE.Testing;

namespace BiPE.Core.Tests.Tensors;

public sealed class TimingBackendTests
{
    [TestCase("bipe_rope")]
    [TestCase("bipe_alibi")]
    public void ATimedTrainingEndsWithTheSameBits(string encoding)
    {
        using var folder = new TemporaryFolder();
        byte[] Train(ITensorBackend backend, string name)
        {
            using (backend)
            {
                SmallRun.Go(backend, folder.At(name), encoding, SmallRun.Options(3));
            }

            return [.. SmallRun.FinalModel(folder.At(name)), .. SmallRun.FinalMoments(folder.At(name))];
        }

        byte[] plain = Train(new CpuBackend(new CpuBackendOptions { Threads = 2 }), "plain");
        byte[] timed = Train(new TimingBackend(new CpuBackend(new CpuBackendOptions { Threads = 2 })), "timed");

        Assert.That(timed, Is.EqualTo(plain));
    }

    [TestCase("rope")]
    [TestCase("bipe_alibi")]
    public void OperationsOfATrainingStepAreThoseOfTheModelsFormula(string encoding)
    {
        using var backend = new TimingBackend(new ReferenceBackend());
        ModelConfig config = TinyModels.Config(encoding);
        using LanguageModel model = TinyModels.Create(backend, config);
        TokenBatch batch = TinyModels.Batch();
        using (var tape = new Tape(backend, isRecording: true))
        {
            model.Losses(tape, batch, 1);
            tape.Backward();
        }

        double forward = batch.Tokens.Length * FlopCount.ForwardPerToken(config, batch.Time);
        double products = Flops(backend, "MatMul, forward");
        double attention = Flops(backend, "Attention");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(products + attention, Is.EqualTo(forward));
            Assert.That(Flops(backend, "MatMul, input gradient"), Is.EqualTo(products));
            Assert.That(Flops(backend, "MatMul, weight gradient"), Is.EqualTo(products));
            Assert.That(Flops(backend, "AttentionBackward"), Is.EqualTo(2.5 * attention));
        }
    }

    [Test]
    public void TimesAddUpToThatOfTheClock()
    {
        var clock = new SteppingTime();
        using var backend = new TimingBackend(new ReferenceBackend(), clock);
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("rope"));
        long readings = clock.Readings;
        long before = backend.Timings.Sum(timing => timing.Calls);
        using (var tape = new Tape(backend, isRecording: true))
        {
            model.Losses(tape, TinyModels.Batch(), 1);
            tape.Backward();
        }

        long calls = backend.Timings.Sum(timing => timing.Calls);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(calls - before, Is.GreaterThan(50).And.EqualTo((clock.Readings - readings) / 2));
            Assert.That(backend.Timings.Sum(timing => timing.Seconds), Is.EqualTo(calls));
            Assert.That(backend.Timings, Is.Ordered.Descending.By(nameof(OperationTiming.Seconds)));
        }
    }

    [Test]
    public void NothingIsRecordedWhileItDoesNotRecord()
    {
        using var backend = new TimingBackend(new ReferenceBackend()) { IsRecording = false };
        Tensor tensor = backend.Allocate(new Shape(3), ElementType.Float64);
        backend.Fill(tensor, 2);
        Assert.That(backend.Timings, Is.Empty);

        backend.IsRecording = true;
        backend.Scale(tensor, tensor, 2);
        Assert.That(backend.Timings, Is.EqualTo([new OperationTiming("Scale", 1, backend.Timings[0].Seconds, 0, 48)]));
        Assert.That(backend.ReadDoubles(tensor), Is.All.EqualTo(4));
    }

    [Test]
    public void BytesCountEachOperandAndResultOnce()
    {
        const int Element = sizeof(double);
        using var backend = new TimingBackend(new ReferenceBackend());
        Tensor a = Zeros(backend, 3, 5);
        Tensor b = Zeros(backend, 5, 7);
        Tensor product = Zeros(backend, 3, 7);
        backend.MatMul(product, a, b);
        Assert.That(Bytes(backend, "MatMul, input gradient"), Is.EqualTo((15 + 35 + 21) * Element));

        backend.MatMul(product, a, b, new MatMulOptions { Mode = WriteMode.Accumulate });
        Assert.That(Bytes(backend, "MatMul, input gradient"), Is.EqualTo(((15 + 35 + 21) + (15 + 35 + (2 * 21))) * Element));

        backend.Multiply(a, a, a);
        Assert.That(Bytes(backend, "Multiply"), Is.EqualTo(2 * 15 * Element));

        backend.AddScaled(a, a, 1);
        Assert.That(Bytes(backend, "AddScaled"), Is.EqualTo(3 * 15 * Element));
    }

    [Test]
    public void ARowThatIsGatheredTwiceIsReadOnce()
    {
        using var backend = new TimingBackend(new ReferenceBackend());
        Tensor table = Zeros(backend, 2, 4);
        Tensor rows = Zeros(backend, 6, 4);
        Tensor ids = backend.Allocate(new Shape(6), ElementType.Int32);
        backend.Upload<int>(ids, new int[6]);
        backend.GatherRows(rows, table, ids);

        Assert.That(Bytes(backend, "GatherRows"), Is.EqualTo(((24 + 8) * sizeof(double)) + (6 * sizeof(int))));
    }

    [Test]
    public void CachedAttentionCountsTheKeysThatQueriesSee()
    {
        using var backend = new TimingBackend(new ReferenceBackend());
        Tensor query = Zeros(backend, 1, 2, 4, 6);
        Tensor keys = Zeros(backend, 1, 5, 2, 6);
        Tensor output = Zeros(backend, 1, 2, 4, 6);
        Tensor logSumExp = Zeros(backend, 1, 4, 2);
        backend.Attention(output, logSumExp, AttentionArguments.FromCache(query, keys, keys, 1));

        // The first query sees 4 keys, the second 5; two products of 4 heads of 6, two operations each.
        Assert.That(Flops(backend, "Attention"), Is.EqualTo(2 * 2 * (4 + 5) * 4 * 6));
    }

    private static Tensor Zeros(TimingBackend backend, params ReadOnlySpan<int> shape)
    {
        Tensor tensor = backend.Allocate(new Shape(shape), ElementType.Float64);
        backend.Fill(tensor, 0);
        return tensor;
    }

    private static double Flops(TimingBackend backend, string operation) => backend.Timings.Single(timing => timing.Operation == operation).Flops;

    private static double Bytes(TimingBackend backend, string operation) => backend.Timings.Single(timing => timing.Operation == operation).Bytes;

    /// <summary>A clock that is a second later whenever it is read.</summary>
    private sealed class SteppingTime : TimeProvider
    {
        public long Readings { get; private set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Readings++;
    }
}
